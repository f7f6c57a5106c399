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
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

class StoreCommandsTest extends StoreFixture {

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
    void namesWhatItIssuesInTheTrustDomainOfTheAuthority() {
        Run.of("init", "--trust-domain", "acme.example", "--dir", dir);

        assertThat(Run.of("cert", "issue", "planner", "--dir", dir).out())
                .contains("spiffe://acme.example/agent/planner");
        assertThat(Run.of("cert", "issue", "guest", "--trust-domain", "other.example", "--dir", dir)
                        .out())
                .contains("spiffe://other.example/agent/guest");
    }

    @Test
    void initSaysWhichWishesComeTooLate() {
        init();

        assertThat(Run.of("init", "--intermediate", "--trust-domain", "acme.example", "--dir", dir)
                        .err())
                .contains("--intermediate has no effect", "stays that of demo.local; for acme.example");
        assertThat(Run.of("init", "--trust-domain", "demo.local", "--dir", dir).err())
                .isEmpty();
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
}
