// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The snippets of the README compile and do what it says. Only the directory and the port are replaced. */
class ReadmeIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Readme Root");

    private static final Path README = Path.of("..", "README.md");

    @TempDir
    private Path directory;

    private MtlsServerTransport greeter;

    @BeforeEach
    void serve() throws Exception {
        CA.server("echo").writeTo(directory.resolve("credentials/echo"), CA.certificate());
        CA.client("coordinator").writeTo(directory.resolve("credentials/coordinator"), CA.certificate());
        greeter = (MtlsServerTransport) run("server", 0, "return transport;");
    }

    @AfterEach
    void stop() {
        greeter.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "java-net-http", "renewal"})
    void aSnippetsClientIsGreetedByItsIdentity(String snippet) throws Exception {
        assertThat(printed(snippet)).contains("Hello, spiffe://demo.local/agent/coordinator");
    }

    @Test
    void aSnippetsClientOfAnotherAuthorityIsNot() throws Exception {
        ThrowawayCa.root("Stranger")
                .client("coordinator")
                .writeTo(directory.resolve("credentials/coordinator"), CA.certificate());

        assertThat(printed("client")).doesNotContain("Hello");
    }

    @ParameterizedTest
    @CsvSource({"open sesame, spiffe://demo.local/agent/coordinator", "wrong, passphrase"})
    void aGuidesProfileReadsAnEncryptedKeyWithItsPassphraseOnly(String passphrase, String expected) throws Exception {
        encrypt(directory.resolve("credentials/coordinator/tls.key"), "open sesame".toCharArray());
        Path file = Files.writeString(directory.resolve("passphrase"), passphrase + "\n");

        Object outcome;
        try {
            outcome = Snippet.of(Path.of("..", "docs", "guides", "langchain4j.md"), "encrypted-key")
                    .with(".mcp-mtls/", directory + "/")
                    .with("\"passphrase\"", "\"" + file + "\"")
                    .run(directory, "return tls.credentials().current().chain().toString();");
        } catch (ReflectiveOperationException e) {
            outcome = e.getCause();
        }

        assertThat(outcome).asString().contains(expected);
    }

    private static void encrypt(Path keyFile, char[] passphrase) throws Exception {
        try (PEMParser plain = new PEMParser(Files.newBufferedReader(keyFile))) {
            PrivateKeyInfo key = (PrivateKeyInfo) plain.readObject();
            OutputEncryptor encryptor = new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setPassword(passphrase)
                    .build();
            StringWriter pem = new StringWriter();
            try (PemWriter writer = new PemWriter(pem)) {
                writer.writeObject(new PKCS8Generator(key, encryptor));
            }
            Files.writeString(keyFile, pem.toString());
        }
    }

    @Test
    void theDependencyAndTheArchiveAreOfThisVersion() throws IOException {
        String version = Files.readString(Path.of("..", "pom.xml")).replaceFirst("(?s).*?<version>(.*?)<.*", "$1");

        assertThat(Files.readString(README))
                .contains(
                        "<artifactId>mcp-mtls-transport</artifactId>\n  <version>" + version + "</version>",
                        "cli/target/mcp-mtls-" + version + ".tar.gz");
    }

    /** The output of the snippet, with its failure if it fails. */
    private String printed(String snippet) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            run(snippet, greeter.address().getPort(), "return null;");
        } catch (ReflectiveOperationException e) {
            captured.writeBytes(String.valueOf(e.getCause()).getBytes(StandardCharsets.UTF_8));
        } finally {
            System.setOut(console);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private Object run(String snippet, int port, String end) throws Exception {
        return Snippet.of(README, snippet)
                .with(".mcp-mtls/", directory + "/")
                .with("8445", Integer.toString(port))
                .run(directory, end);
    }
}
