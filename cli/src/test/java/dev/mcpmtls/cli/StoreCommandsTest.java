// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreCommandsTest {

    @TempDir
    private Path temporary;

    private String dir = "";

    @BeforeEach
    void nameTheStore() {
        dir = temporary.resolve("store").toString();
    }

    @Test
    void initMakesEverythingOnceAndSaysSo() {
        Run first = Run.of("init", "--dir", dir);
        Run second = Run.of("init", "--dir", dir);

        assertThat(first.exit()).isEqualTo(ExitCode.DONE);
        assertThat(first.out()).contains("made  authority", "made  coordinator", "mcp-mtls serve all --dir " + dir);
        assertThat(second.exit()).isEqualTo(ExitCode.DONE);
        assertThat(second.out())
                .contains("kept  authority", "nothing was changed")
                .doesNotContain("made");
    }

    @Test
    void initSaysThatTheRootsKeyIsToBePutAway() {
        assertThat(Run.of("init", "--intermediate", "--dir", dir).out())
                .contains("Move " + Path.of(dir, "authority", "issuers", "current", "root.key"));
        assertThat(Run.of("init", "--intermediate", "--dir", dir).out()).doesNotContain("root.key");
    }

    @Test
    void replacesTheAuthorityInThreeSteps() {
        init();

        assertThat(Run.of("cert", "rollover", "switch-over", "--dir", dir).err())
                .contains("no new authority is prepared");
        assertThat(Run.of("cert", "rollover", "prepare", "--dir", dir).out())
                .contains("prepare done", " and ", "next, ", "rollover switch-over");
        assertThat(Run.of("cert", "rollover", "switch-over", "--dir", dir).exit())
                .isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "rollover", "finish", "--dir", dir).err()).contains("still needed by weather");
        for (String name : new String[] {"weather", "datetime", "echo", "coordinator"}) {
            Run.of("cert", "renew", name, "--dir", dir);
        }
        assertThat(Run.of("cert", "rollover", "finish", "--dir", dir).out())
                .contains("finish done")
                .doesNotContain(" and ");
        assertThat(Run.of("cert", "rollover", "begin", "--dir", dir).exit()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void listsAndShowsWhatInitMade() {
        init();

        assertThat(Run.of("cert", "list", "--dir", dir).out())
                .contains("weather", "spiffe://demo.local/server/weather", "valid");
        assertThat(Run.of("cert", "show", "weather", "--dir", dir).out())
                .contains("DNS:localhost", "└─ CN=weather", "sha256/");
        assertThat(Run.of("cert", "list", "--json", "--dir", dir).out())
                .startsWith("{\"credentials\":[")
                .contains("\"identity\":\"spiffe://demo.local/agent/coordinator\"");
    }

    @Test
    void showsWhatLiesInPkcs12() throws Exception {
        init();
        Credential echo = Credential.load(Path.of(dir, "credentials", "echo"));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        char[] secret = "correct horse".toCharArray();
        keys.setKeyEntry(
                "echo", echo.privateKey(), secret, echo.chain().certificates().toArray(Certificate[]::new));
        Path file = temporary.resolve("echo.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            keys.store(out, secret);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        String passphrase = Files.writeString(temporary.resolve("passphrase"), "correct horse\n")
                .toString();

        assertThat(Run.of("cert", "show", file.toString(), "--dir", dir, "--key-passphrase-file", passphrase)
                        .out())
                .contains("spiffe://demo.local/server/echo", "CN=echo");
        assertThat(Run.of("cert", "show", file.toString(), "--dir", dir).err())
                .contains("echo.p12 cannot be opened as PKCS#12", "tls.key-passphrase-file");
        assertThat(Run.of("cert", "show", file.toString(), "--dir", dir, "--key-passphrase-file", dir + "/none")
                        .err())
                .contains("there is no passphrase file");
        Run asCredential = Run.of(
                "doctor", "echo", "--dir", dir, "--credential", file.toString(), "--key-passphrase-file", passphrase);
        assertThat(asCredential.err())
                .contains("echo.p12 is a file, which brings no trust anchors", "tls.trust-anchors");
        Files.move(file, Path.of(dir, "credentials", "echo.p12"));
        assertThat(Run.of("cert", "list", "--dir", dir).err()).isEmpty();
    }

    @Test
    void tellsMonitoringWhetherCertificatesLastLongEnough() {
        init();

        assertThat(Run.of("cert", "check", "--within", "1h", "--dir", dir).exit())
                .isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "check", "--within", "7d", "--dir", dir).exit())
                .isEqualTo(ExitCode.FAILED);
        assertThat(Run.of("cert", "check", "--within", "7d", "--dir", dir).out())
                .contains("echo: valid, ", " left, which is less than 7d");
    }

    @Test
    void listsTheOthersWhenACredentialCannotBeRead() throws IOException {
        init();
        Files.delete(Path.of(dir, "credentials", "echo", "tls.crt"));

        Run list = Run.of("cert", "list", "--dir", dir);
        assertThat(list.exit()).isEqualTo(ExitCode.DONE);
        assertThat(list.out()).contains("weather").doesNotContain("server/echo");
        assertThat(list.err()).contains("echo", "tls.crt does not exist");
        assertThat(Run.of("cert", "check", "--dir", dir).exit()).isEqualTo(ExitCode.FAILED);
        assertThat(Run.of("cert", "check", "weather", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void saysWhichKeyIsLostAndThatACredentialNeedsIt() throws IOException {
        init();
        Files.delete(key("echo"));

        assertThat(Run.of("cert", "list", "--dir", dir).out())
                .containsPattern("echo .* unusable ")
                .containsPattern("weather .* valid ");
        assertThat(Run.of("cert", "show", "echo", "--dir", dir).out())
                .contains("fault", "tls.key does not exist; restore it, or run 'mcp-mtls cert rekey echo'");
        assertThat(Run.of("cert", "show", "weather", "--dir", dir).out()).doesNotContain("fault");
        Run check = Run.of("cert", "check", "--dir", dir);
        assertThat(check.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(check.out().lines()).hasSize(1).first().asString().contains("echo: unusable", "cert rekey echo");
        assertThat(Run.of("cert", "check", "weather", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);

        assertThat(Run.of("cert", "rekey", "echo", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "check", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void saysWhichKeyIsDamagedOrBelongsToAnotherCertificate() throws IOException {
        init();
        Files.write(key("echo"), Files.readAllBytes(key("weather")));
        Files.writeString(key("datetime"), "no key");

        assertThat(Run.of("cert", "check", "--dir", dir).out().lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("the private key of echo does not belong to its certificate"))
                .anyMatch(line -> line.startsWith("datetime: unusable") && line.contains("cert rekey datetime'"));
        assertThat(Run.of("cert", "check", "echo", "--json", "--dir", dir).out())
                .contains("\"good\":false", "\"status\":\"unusable\"", "\"fault\":\"the private key");
    }

    @Test
    void doctorEndsAsToolsDoesWhenOurKeyIsLost() throws IOException {
        init();
        Files.delete(key("coordinator"));

        Run doctor = Run.of("doctor", "echo", "--dir", dir);
        assertThat(doctor.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(doctor.out()).contains("failed  credential", "tls.key does not exist");
        assertThat(Run.of("tools", "echo", "--dir", dir).exit()).isEqualTo(ExitCode.USAGE);
    }

    private Path key(String name) {
        return Path.of(dir, "credentials", name, "tls.key");
    }

    @Test
    void takesThePassphraseWhereverItStands() throws IOException {
        String file = Files.writeString(temporary.resolve("passphrase"), "correct horse\n")
                .toString();
        assertThat(Run.of("init", "--dir", dir, "--passphrase-file", file).out())
                .contains("mcp-mtls serve all --dir " + dir + " --passphrase-file " + file);

        assertThat(Run.of("cert", "renew", "echo", "--dir", dir, "--passphrase-file", file)
                        .exit())
                .isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "--passphrase-file", file, "renew", "echo", "--dir", dir)
                        .exit())
                .isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "renew", "echo", "--dir", dir).err())
                .contains("is encrypted", "--passphrase-file", "MCP_MTLS_AUTHORITY_PASSPHRASE");
    }

    @Test
    void issuesRevokesAndRekeysACredential() {
        init();

        assertThat(Run.of("cert", "issue", "tom", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "revoke", "tom", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "renew", "tom", "--dir", dir).err()).contains("cert rekey tom");
        assertThat(Run.of("cert", "rekey", "tom", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("audit", "--dir", dir, "--peer", "tom").out().lines())
                .hasSize(3)
                .anyMatch(line -> line.contains("certificate-revoked"));
    }

    @Test
    void certifiesAKeyThatStaysWhereItIs() throws Exception {
        init();
        Path request = Files.writeString(temporary.resolve("planner.csr"), signingRequest());
        Path out = Files.createDirectory(temporary.resolve("planner")).resolve("tls.crt");
        String[] issue = {"cert", "issue", "planner", "--csr", request.toString(), "--out", out.toString(), "--dir", dir
        };

        assertThat(Run.of(issue).out()).contains("issued planner", "spiffe://demo.local/agent/planner", out.toString());
        assertThat(out.resolveSibling("ca.crt"))
                .hasSameBinaryContentAs(Path.of(dir, "credentials", "weather", "ca.crt"));
        assertThat(Run.of("cert", "show", out.toString(), "--dir", dir).out()).contains("└─ CN=planner");

        assertThat(Run.of(issue).err()).contains("exists and is not overwritten");
        Files.delete(out);
        assertThat(Run.of(issue).exit()).isEqualTo(ExitCode.DONE);
        Files.delete(out);
        Files.writeString(
                out.resolveSibling("ca.crt"),
                Issued.pem(
                        "CERTIFICATE",
                        ThrowawayCa.root("Stranger").certificate().getEncoded()));
        assertThat(Run.of(issue).err()).contains("ca.crt holds other trust anchors and is not overwritten");
        assertThat(out).doesNotExist();
    }

    private static String signingRequest() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        PKCS10CertificationRequest request = new JcaPKCS10CertificationRequestBuilder(
                        new X500Principal("CN=planner"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        return Issued.pem("CERTIFICATE REQUEST", request.getEncoded());
    }

    @Test
    void provesTheAuditLogAndFindsAForgery() throws IOException {
        init();
        assertThat(Run.of("audit", "verify", "--dir", dir).out()).startsWith("intact: 4 records");

        Path log = Path.of(dir, "audit.jsonl");
        Files.writeString(log, Files.readString(log).replaceFirst("weather", "whether"));

        Run verified = Run.of("audit", "verify", "--dir", dir);
        assertThat(verified.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(verified.err()).contains("not intact", "audit.jsonl line 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cert list", "audit", "serve echo", "ask hello", "call echo echo", "cert renew x"})
    void sendsWhoHasNoStoreToInitAndMakesNothing(String command) {
        Run run = Run.of((command + " --dir " + dir).split(" "));

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
        assertThat(run.err()).containsAnyOf("mcp-mtls init", "check --dir");
        assertThat(Path.of(dir)).doesNotExist();
    }

    @Test
    void saysWhichFileIsWrongWhenAKeyBelongsToAnotherCertificate() throws IOException {
        init();
        Path echo = Path.of(dir, "credentials", "echo", "tls.key");
        Files.write(
                echo,
                Files.readAllBytes(Path.of(dir, "credentials", "weather", "tls.key")),
                StandardOpenOption.TRUNCATE_EXISTING);

        Run run = Run.of("serve", "echo", "--dir", dir, "--listen", "127.0.0.1:0");

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("does not belong to its certificate").doesNotContain("\tat ");
    }

    @Test
    void refusesToStartWithACertificateThatHasEndedWhereTheAuthorityIsElsewhere() throws IOException {
        init();
        Run.of("cert", "issue", "brief", "--purpose", "server", "--lifetime", "1s", "--dir", dir);
        while (!Run.of("cert", "show", "brief", "--dir", dir).out().contains("brief  expired")) {
            Thread.onSpinWait();
        }
        Files.move(Path.of(dir, "authority"), temporary.resolve("elsewhere"));

        Run run = Run.of("serve", "echo", "--credential", "brief", "--dir", dir, "--listen", "127.0.0.1:0");

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("expired on", "cert renew brief");
    }

    @Test
    void keepsRelaxedValidationOffTheNetworkUnlessToldInSoManyWords() {
        init();

        Run run = Run.of("serve", "echo", "--validation", "relaxed", "--listen", "0.0.0.0:0", "--dir", dir);

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--unsafe-relaxed-on-network");
    }

    @Test
    void saysWhatIsWrongWithAUrlOrADirectory() throws IOException {
        init();
        assertThat(Run.of("doctor", "http://localhost:8443/mcp", "--dir", dir).err())
                .contains("is plain HTTP, which proves no identity\n  write https://");
        Path file = Files.createFile(temporary.resolve("file"));
        assertThat(Run.of("init", "--dir", file.resolve("below").toString()).err())
                .contains("cannot make the directory", "choose another --dir")
                .doesNotContain("java.");
    }

    @Test
    void suggestsNothingWhereNothingIsNear() {
        assertThat(Run.of("frobnicate").err())
                .contains("there is no command 'frobnicate'")
                .doesNotContain("did you mean");
        assertThat(Run.of("config", "-q").err()).contains("unknown option '-q'").doesNotContain("did you mean");
        assertThat(Run.of("doctor", "echo", "weather").err()).contains("there is no place for 'weather'");
    }

    @Test
    void namesTheUnknownOptionRatherThanWhatIsMissing() {
        assertThat(Run.of("call", "--bogus").err())
                .contains("unknown option '--bogus'")
                .doesNotContain("issing");
        assertThat(Run.of("call", "--tiemout=1s").err()).contains("did you mean --timeout?");
        assertThat(Run.of("call").err()).contains("URL and TOOL are missing");
    }

    @Test
    void saysEverythingWhenAskedTwice() {
        assertThat(Run.of("config", "-vv").exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("-v", "config", "--verbose").exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("config", "-vx").err()).contains("unknown option '-x'");
    }

    @Test
    void helpIsACommandToo() {
        assertThat(Run.of("help").out()).startsWith("Usage: mcp-mtls [").contains("doctor");
        assertThat(Run.of("help", "cert", "rekey").out()).startsWith("Usage: mcp-mtls cert rekey ");
        assertThat(Run.of("help", "audit").out().replaceAll("\\s+", " ")).contains("[verify] Shows the audit log");
        assertThat(Run.of("help", "cert").out()).containsPattern("three steps without refusing a\\s+peer");
        Run unknown = Run.of("help", "cret");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("there is no command 'cret'");
    }

    @Test
    void namesTheFlagThatWasTyped() {
        init();
        assertThat(Run.of("ask", "hello", "--timeout", "xx", "--dir", dir).err())
                .contains("mcp-mtls: --timeout: \"xx\"");
        assertThat(Run.of("ask", "hello", "--coordinator-timeout", "xx", "--dir", dir)
                        .err())
                .contains("mcp-mtls: --coordinator-timeout: \"xx\"");
        assertThat(Run.of("config", "--tls-engine", "xx").err()).contains("mcp-mtls: --tls-engine: \"xx\"");
        assertThat(Run.of("serve", "echo", "--listen", "xx").err()).contains("mcp-mtls: --listen: \"xx\"");
        assertThat(Run.of("config", "--engine", "jdk").out()).containsPattern("engine: jdk +# --engine");
    }

    @Test
    void suggestsWhatWasMeant() {
        assertThat(Run.of("srve").err()).contains("did you mean serve?");
        assertThat(Run.of("config", "--valdation", "strict").err()).contains("--validation");
        assertThat(Run.of("serve", "wether", "--dir", dir).err()).contains("weather, datetime, echo, and all");
        assertThat(Run.of("config", "--validation", "lax").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(Run.of(Map.of("MCP_MTLS_DRI", "x"), "config").err()).contains("did you mean MCP_MTLS_DIR?");
    }

    @Test
    void answersInJsonWhenItFails() {
        Run run = Run.of("cert", "list", "--json", "--dir", dir);

        assertThat(run.out())
                .startsWith("{\"error\":{\"exitCode\":2,\"kind\":\"usage\",\"message\":\"there are no credentials");
        assertThat(run.err()).startsWith("mcp-mtls: there are no credentials");
    }

    private void init() {
        assertThat(Run.of("init", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }
}
