// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reading of our certificates, CRLs and keys by another implementation. */
class OpensslIT {

    private static final List<Grant> GRANTS = List.of(
            Grant.server("demo.local", "weather"),
            Grant.server("demo.local", "echo"),
            Grant.agent("demo.local", "coordinator"));

    private final Surroundings surroundings = Surroundings.system(AuditSink.none());

    @TempDir
    Path directory;

    private record Result(int exitCode, String output) {}

    @BeforeEach
    void needOpenssl() {
        assumeTrue(isInstalled(), "openssl is not installed");
    }

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void acceptsEveryKeyTypeForItsPurposeAndForNoOther(KeyType type) throws Exception {
        Store store = initialise(
                new AuthorityProfile("demo.local", type, Duration.ofDays(3650), Hierarchy.ROOT_ONLY, Optional.empty()),
                type,
                Optional.empty());

        assertThat(verify(store, "weather", "-purpose", "sslserver")).isEqualTo(0);
        assertThat(verify(store, "coordinator", "-purpose", "sslclient")).isEqualTo(0);
        assertThat(verify(store, "weather", "-purpose", "sslclient")).isNotEqualTo(0);
        assertThat(verify(store, "coordinator", "-purpose", "sslserver")).isNotEqualTo(0);
    }

    @ParameterizedTest
    @EnumSource(Hierarchy.class)
    void findsOutWhatIsRevoked(Hierarchy hierarchy) throws Exception {
        Store store =
                initialise(AuthorityProfile.standard("demo.local").with(hierarchy), KeyType.EC_P256, Optional.empty());
        assertThat(verify(store, "weather", "-crl_check_all")).isEqualTo(0);

        authority(store).revoke("weather", RevocationReason.KEY_COMPROMISE);

        assertThat(verify(store, "weather", "-crl_check_all")).isNotEqualTo(0);
        assertThat(verify(store, "echo", "-crl_check_all")).isEqualTo(0);
        assertThat(openssl("crl", "-in", store.revocationList(), "-noout", "-text")
                        .output())
                .contains("Key Compromise", "X509v3 CRL Number", "X509v3 Authority Key Identifier");
    }

    @Test
    void readsTheProfileOfALeaf() throws Exception {
        Store store = initialise(AuthorityProfile.standard("demo.local"), KeyType.EC_P256, Optional.empty());

        String leaf = openssl("x509", "-in", file(store, "weather", "tls.crt"), "-noout", "-text")
                .output();

        assertThat(leaf)
                .containsSubsequence(
                        "ASN1 OID: prime256v1",
                        "X509v3 Basic Constraints: critical",
                        "CA:FALSE",
                        "X509v3 Key Usage: critical",
                        "Digital Signature",
                        "X509v3 Extended Key Usage:",
                        "TLS Web Server Authentication",
                        "X509v3 Subject Alternative Name:",
                        "URI:spiffe://demo.local/server/weather, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
                        "X509v3 Subject Key Identifier:",
                        "X509v3 Authority Key Identifier:");
        assertThat(openssl("x509", "-in", file(store, "weather", "ca.crt"), "-noout", "-text")
                        .output())
                .containsSubsequence("CA:TRUE, pathlen:0", "X509v3 Key Usage: critical", "Certificate Sign, CRL Sign");
        assertThat(verify(store, "weather", "-x509_strict")).isEqualTo(0);
    }

    @Test
    void readsAnEncryptedKeyWithItsPassphraseOnly() throws Exception {
        Store store = initialise(
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                Optional.of(Passphrase.of("correct horse".toCharArray())));
        Path key = store.directory().resolve("authority/issuers/current/ca.key");

        assertThat(openssl("pkey", "-in", key, "-noout", "-passin", "pass:correct horse")
                        .exitCode())
                .isEqualTo(0);
        assertThat(openssl("pkey", "-in", key, "-noout", "-passin", "pass:wrong")
                        .exitCode())
                .isNotEqualTo(0);
        assertThat(openssl("asn1parse", "-in", key).output())
                .contains("PBKDF2", "aes-256-cbc", "hmacWithSHA256", ":0927C0");
    }

    @Test
    void getsItsOwnRequestSigned() throws Exception {
        Store store = initialise(AuthorityProfile.standard("demo.local"), KeyType.EC_P256, Optional.empty());
        Path key = directory.resolve("own.key");
        Path csr = directory.resolve("own.csr");
        openssl("genpkey", "-algorithm", "ED25519", "-out", key);
        Result made = openssl(
                "req",
                "-new",
                "-key",
                key,
                "-out",
                csr,
                "-subj",
                "/CN=x",
                "-addext",
                "subjectAltName=URI:spiffe://demo.local/agent/planner");
        assertThat(made.exitCode()).as(made.output()).isEqualTo(0);

        Issuance issuance = authority(store)
                .sign(Grant.agent("demo.local", "planner"), SigningRequest.parse(Files.readAllBytes(csr)));

        Path chain = Files.write(directory.resolve("own.crt"), issuance.chainPem());
        Path anchors = Files.write(directory.resolve("anchors.crt"), issuance.anchorsPem());
        assertThat(openssl("verify", "-CAfile", anchors, "-purpose", "sslclient", chain)
                        .exitCode())
                .isEqualTo(0);
        assertThat(openssl("x509", "-in", chain, "-noout", "-pubkey").output())
                .isEqualTo(openssl("pkey", "-in", key, "-pubout").output());
    }

    private Store initialise(AuthorityProfile profile, KeyType type, Optional<Passphrase> passphrase) {
        Store store = Store.at(directory.resolve("store"));
        Initialisation.run(store, profile, type, GRANTS, passphrase, surroundings);
        return store;
    }

    private Authority authority(Store store) {
        return Authority.open(store, Optional.empty(), surroundings);
    }

    private int verify(Store store, String name, String... options) throws Exception {
        Path chain = file(store, name, "tls.crt");
        List<Object> command =
                new ArrayList<>(List.of("verify", "-CAfile", file(store, name, "ca.crt"), "-untrusted", chain));
        command.addAll(List.of("-CRLfile", store.revocationList()));
        command.addAll(List.of(options));
        command.add(chain);
        return openssl(command.toArray()).exitCode();
    }

    private static Path file(Store store, String name, String file) {
        return store.credential(name).resolve(file);
    }

    private static boolean isInstalled() {
        try {
            return openssl("version").exitCode() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private static Result openssl(Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
