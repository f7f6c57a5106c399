// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Running servers, and clients that they must refuse: the alerts that {@code openssl s_client} reads, the results of {@code
 * curl}, and the records in the audit log. Also the same clients at a relaxed server, and untrusted servers at our client.
 */
class StrangersAreRefusedIT {

    private static final Instant NOW = Instant.now();
    private static final ThrowawayCa CA = ThrowawayCa.root("Test Root");
    private static final ThrowawayCa ELSEWHERE = ThrowawayCa.root("Another Root");
    private static final String REQUEST =
            "POST /mcp HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";

    @TempDir
    private static Path directory;

    private static Product product;
    private static Servers strict;

    @BeforeAll
    static void serve() {
        assumeTrue(Run.has("openssl") && Run.has("curl"), "openssl and curl are not installed");
        product = new Product(directory);
        CA.server("echo").writeTo(product.stored("credentials/echo"), CA.certificate());
        CA.client("coordinator").writeTo(product.stored("credentials/coordinator"), CA.certificate());
        strict = product.serve("echo");
    }

    @AfterAll
    static void stop() {
        if (strict != null) {
            strict.close();
        }
    }

    @Test
    void admitsAClientOfOurAuthority() {
        assertThat(handshake(CA.client("agent"), "admitted"))
                .contains("HTTP/1.1 4")
                .doesNotContain("alert");
        assertThat(curl("credentials/coordinator").out()).startsWith("4");
    }

    @Test
    void refusesNoCertificate() {
        assertThat(openssl(List.of())).contains("SSL alert number 116").doesNotContain("HTTP/1.1");
        assertThat(curl(null).out()).startsWith("000");
        assertThat(product.hasAudited(line -> isRefusal(line, "NO_CERTIFICATE")))
                .isTrue();
    }

    @Test
    void refusesAStranger() {
        assertRefused(ELSEWHERE.client("coordinator"), "stranger", 48, "UNTRUSTED_ISSUER");
    }

    @Test
    void refusesASelfSignedCertificate() {
        assertRefused(CA.client("coordinator", spec -> spec.selfSigned()), "self-signed", 48, "UNTRUSTED_ISSUER");
    }

    @Test
    void refusesAnExpiredCertificate() {
        assertRefused(expired(), "expired", 45, "EXPIRED");
    }

    @Test
    void refusesANotYetValidCertificate() {
        Issued early =
                CA.client("early", spec -> spec.valid(NOW.plus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(2))));
        assertRefused(early, "early", 45, "NOT_YET_VALID");
    }

    @Test
    void refusesAServersCertificateAsAClient() {
        Issued server = CA.client("server", spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        assertRefused(server, "server", 43, "WRONG_PURPOSE");
    }

    @Test
    void refusesACorruptedCertificate() {
        assertRefused(CA.client("corrupted").corrupted(), "corrupted", 42, "BAD_SIGNATURE");
    }

    @Test
    void aRelaxedServerRecordsWhatStrictWouldRefuseAndStillRefusesCorruption(@TempDir Path elsewhere) {
        Product other = new Product(elsewhere);
        CA.server("echo").writeTo(other.stored("credentials/echo"), CA.certificate());
        try (Servers relaxed = other.serve("echo", "--validation", "relaxed")) {
            assertThat(relaxed.printed().toLowerCase(java.util.Locale.ROOT)).contains("relaxed");

            assertThat(openssl(other, files(expired(), "expired-relaxed"))).contains("HTTP/1.1 4");
            assertThat(openssl(other, files(ELSEWHERE.client("stranger"), "stranger-relaxed")))
                    .contains("HTTP/1.1 4");
            assertThat(openssl(other, files(CA.client("corrupted").corrupted(), "corrupted-relaxed")))
                    .contains("SSL alert number 42")
                    .doesNotContain("HTTP/1.1");
            assertThat(openssl(other, List.of()))
                    .contains("SSL alert number 116")
                    .doesNotContain("HTTP/1.1");

            assertThat(other.hasAudited(line -> isClaim(line, "EXPIRED"))).isTrue();
            assertThat(other.hasAudited(line -> isClaim(line, "UNTRUSTED_ISSUER")))
                    .isTrue();
            assertThat(other.hasAudited(line -> isRefusal(line, "BAD_SIGNATURE")))
                    .isTrue();
        }
    }

    @Test
    void ourClientRefusesStrangeServersAndSaysWhy(@TempDir Path elsewhere) {
        Issued[] strange = {
            ELSEWHERE.server("echo"),
            CA.server("echo", spec -> spec.valid(NOW.minus(Duration.ofDays(2)), NOW.minus(Duration.ofDays(1)))),
            CA.server("echo", spec -> spec.withoutNames().dns("other.example.com")),
        };
        String[] reasons = {"UNTRUSTED_ISSUER", "EXPIRED", "NAME_MISMATCH"};
        for (int i = 0; i < strange.length; i++) {
            Product other = new Product(elsewhere.resolve(reasons[i]));
            CA.client("coordinator").writeTo(other.stored("credentials/coordinator"), CA.certificate());
            try (OpensslServer server = OpensslServer.present(files(strange[i], reasons[i]))) {
                Run call = other.run("call", server.url(), "echo", "text=secret");

                assertThat(call.exit()).as(call.err()).isEqualTo(4);
                assertThat(call.err()).contains(reasons[i]).doesNotContain("\tat ");
                assertThat(server.received()).doesNotContain("secret");
            }
        }
    }

    private static Issued expired() {
        return CA.client("expired", spec -> spec.valid(NOW.minus(Duration.ofDays(2)), NOW.minus(Duration.ofDays(1))));
    }

    private static void assertRefused(Issued client, String name, int alert, String reason) {
        assertThat(handshake(client, name))
                .contains("SSL alert number " + alert)
                .doesNotContain("HTTP/1.1");
        assertThat(product.hasAudited(line -> isRefusal(line, reason))).isTrue();
    }

    private static boolean isRefusal(String line, String reason) {
        return line.contains("\"tls-rejected\"") && line.contains('"' + reason + '"');
    }

    private static boolean isClaim(String line, String reason) {
        return line.contains("\"tls-accepted\"") && line.contains("CLAIMED") && line.contains(reason);
    }

    private static String handshake(Issued client, String name) {
        return openssl(files(client, name));
    }

    private static List<String> files(Issued credential, String name) {
        Path written = credential.writeTo(directory.resolve("peers").resolve(name), CA.certificate());
        return List.of(
                "-cert",
                written.resolve("tls.crt").toString(),
                "-key",
                written.resolve("tls.key").toString());
    }

    private static String openssl(List<String> credential) {
        return openssl(product, credential);
    }

    /** Connects, sends a request and returns everything openssl saw; with TLS 1.3 a refusal arrives after the handshake. */
    private static String openssl(Product server, List<String> credential) {
        String command = "printf '" + REQUEST + "' | timeout 10 openssl s_client -connect 127.0.0.1:"
                + server.port("echo") + " -CAfile " + server.stored("credentials/echo/ca.crt") + " -ign_eof "
                + String.join(" ", credential);
        Run run = Run.of("sh", "-c", command);
        return run.out() + run.err();
    }

    /** The HTTP status that {@code curl} gets, {@code 000} for none. */
    private static Run curl(String credential) {
        String certificate = credential == null
                ? ""
                : " --cert " + product.stored(credential + "/tls.crt") + " --key "
                        + product.stored(credential + "/tls.key");
        return Run.of(
                "sh",
                "-c",
                "curl -sS -m 10 -o /dev/null -w '%{http_code}' --cacert " + product.stored("credentials/echo/ca.crt")
                        + certificate + " -X POST " + product.url("echo"));
    }
}
