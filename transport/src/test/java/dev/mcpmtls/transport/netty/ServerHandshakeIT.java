// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The outcome of a handshake as the client sees it and as the audit log records it, for both engines and both TLS versions. */
class ServerHandshakeIT {

    private final Pki pki = new Pki("Test Root");
    private final TestServer.Events events = new TestServer.Events();

    @TempDir
    Path directory;

    static Stream<Arguments> enginesAndVersions() {
        return Stream.of(
                Arguments.of(TlsEngine.BORINGSSL, TlsVersion.TLS_1_3),
                Arguments.of(TlsEngine.BORINGSSL, TlsVersion.TLS_1_2),
                Arguments.of(TlsEngine.JDK, TlsVersion.TLS_1_3),
                Arguments.of(TlsEngine.JDK, TlsVersion.TLS_1_2));
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void acceptsACertificateOfTheAuthority(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version)) {
            String said = connect(server, version, pki.issue("coordinator"));
            assertThat(said).contains("CN=coordinator over HTTP_1_1").contains(version.text());
            TlsAccepted accepted = events.await(TlsAccepted.class);
            assertThat(accepted.peer().assurance()).isEqualTo(Assurance.VERIFIED);
            assertThat(accepted.connection().tls().orElseThrow().version()).isEqualTo(version.text());
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAClientWithoutACertificate(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version)) {
            String said = Shell.sClient(directory, server.port(), flag(version));
            assertThat(said).doesNotContain("CN=").contains(alertForNoCertificate(engine, version));
            assertThat(rejection().findings().get(0).reason()).isEqualTo(Reason.NO_CERTIFICATE);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAStranger(TlsEngine engine, TlsVersion version) throws Exception {
        refuses(engine, version, new Pki("Test Root Two").issue("stranger"), Reason.UNTRUSTED_ISSUER, 48);
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAnExpiredCertificate(TlsEngine engine, TlsVersion version) throws Exception {
        Credential expired = pki.issue("expired", Duration.ofHours(-1), KeyPurposeId.id_kp_clientAuth);
        refuses(engine, version, expired, Reason.EXPIRED, 45);
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAServersCertificate(TlsEngine engine, TlsVersion version) throws Exception {
        Credential server = pki.issue("server", Duration.ofHours(1), KeyPurposeId.id_kp_serverAuth);
        refuses(engine, version, server, Reason.WRONG_PURPOSE, 43);
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAKeyThatMayNotSign(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version)) {
            String said = connect(server, version, pki.issueForEnciphering("enciphering"));
            assertThat(said).doesNotContain(" over HTTP").contains(alertForAKeyThatMayNotSign(engine, version));
            Rejection finding = rejection().findings().get(0);
            assertThat(finding.reason()).isEqualTo(Reason.WRONG_PURPOSE);
            assertThat(finding.explain()).contains("TLS client").contains("digitalSignature");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesACorruptedCertificate(TlsEngine engine, TlsVersion version) throws Exception {
        refuses(engine, version, pki.corrupted("corrupted"), Reason.BAD_SIGNATURE, 42);
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesARevokedCertificate(TlsEngine engine, TlsVersion version) throws Exception {
        Credential revoked = pki.issue("revoked");
        Revocation crl = Revocation.load(
                List.of(pki.crl(directory.resolve("crl.pem"), revoked)), Optional.empty(), Revocation.Mode.SOFT_FAIL);
        TrustPolicy policy = TrustPolicy.strict(pki.anchors()).withRevocation(crl);
        refuses(engine, version, policy, revoked, Reason.REVOKED, 44);
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void pinnedRefusesAnotherKey(TlsEngine engine, TlsVersion version) throws Exception {
        Credential pinned = pki.issue("pinned");
        TrustPolicy policy =
                TrustPolicy.pinned(Set.of(PublicKeyPin.of(pinned.chain().leaf().getPublicKey())));
        refuses(engine, version, policy, pki.issue("other"), Reason.PIN_MISMATCH, 46);
        try (TestServer server = new TestServer(profile(engine, version, policy).build())) {
            assertThat(connect(server, version, pinned)).contains("CN=pinned over");
            assertThat(events.await(TlsAccepted.class).peer().assurance()).isEqualTo(Assurance.PINNED);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void relaxedLetsAStrangerInAsClaimed(TlsEngine engine, TlsVersion version) throws Exception {
        TrustPolicy relaxed = TrustPolicy.relaxed(pki.anchors(), Relaxation.UNTRUSTED_ISSUER);
        try (TestServer server =
                new TestServer(profile(engine, version, relaxed).build())) {
            String said = connect(server, version, new Pki("Elsewhere").issue("stranger"));
            assertThat(said).contains("CN=stranger over").contains("No client certificate CA names sent");
            assertThat(events.await(TlsAccepted.class).peer().assurance()).isEqualTo(Assurance.CLAIMED);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void relaxedStillRefusesACorruptedCertificate(TlsEngine engine, TlsVersion version) throws Exception {
        TrustPolicy relaxed = TrustPolicy.relaxed(pki.anchors(), Relaxation.UNTRUSTED_ISSUER);
        try (TestServer server =
                new TestServer(profile(engine, version, relaxed).build())) {
            String said = connect(server, version, pki.corrupted("corrupted"));
            assertThat(said).doesNotContain("CN=corrupted over");
            assertThat(rejection().findings().get(0).reason()).isEqualTo(Reason.BAD_SIGNATURE);
        }
    }

    @Test
    void advertisesItsAnchorsWhenStrict() throws Exception {
        try (TestServer server = strict(TlsEngine.BORINGSSL, TlsVersion.TLS_1_3)) {
            assertThat(connect(server, TlsVersion.TLS_1_3, pki.issue("coordinator")))
                    .contains("Acceptable client certificate CA names")
                    .contains("CN = Test Root");
        }
    }

    @Test
    void negotiatesHttp2AndThePostQuantumGroup() throws Exception {
        Pki.write(directory, pki.issue("coordinator"));
        try (TestServer server = strict(TlsEngine.BORINGSSL, TlsVersion.TLS_1_3)) {
            String said = Shell.run(
                    directory,
                    "",
                    List.of(
                            "curl",
                            "-sS",
                            "--http2",
                            "-k",
                            "--cert",
                            "coordinator.crt",
                            "--key",
                            "coordinator.key",
                            "https://127.0.0.1:" + server.port() + "/"));
            assertThat(said).contains("over HTTP_2").contains("X25519");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void sharesNoVersionWithAnOlderClient(TlsEngine engine, TlsVersion unused) throws Exception {
        try (TestServer server = strict(engine, TlsVersion.TLS_1_3)) {
            String said = Shell.sClient(directory, server.port(), "-tls1_2");
            assertThat(said).contains("alert number 70");
            HandshakeFailed failed = failure();
            assertThat(failed.reason()).as(failed.why()).isEqualTo("NO_COMMON_PROTOCOL");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAClientThatWantsAnotherApplicationProtocol(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version)) {
            String said = connect(server, version, pki.issue("coordinator"), "-alpn", "ftp,http/0.9");
            assertThat(said).doesNotContain(" over HTTP").contains("alert number 120");
            HandshakeFailed failed = failure();
            assertThat(failed.reason()).isEqualTo("NO_APPLICATION_PROTOCOL");
            assertThat(failed.why()).contains("'ftp, http/0.9'");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void acceptsAClientThatOffersHttpAmongOthers(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version)) {
            assertThat(connect(server, version, pki.issue("coordinator"), "-alpn", "ftp,http/1.1"))
                    .contains(" over HTTP_1_1");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void toldByTheClientThatOurCertificateIsUnknown(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version)) {
            Shell.sClient(directory, server.port(), flag(version), "-verify_return_error", "-verify", "1");
            HandshakeFailed failed = failure();
            assertThat(failed.reason()).as(failed.why()).isEqualTo("REFUSED_BY_PEER");
            assertThat(failed.why())
                    .contains(
                            version == TlsVersion.TLS_1_3 && failed.why().contains("unreadable")
                                    ? "unreadable"
                                    : "unknown_ca");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void hearsPlainHttp(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version);
                Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(failure().reason()).isEqualTo("NOT_TLS");
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 400 ")
                    .endsWith("\r\n\r\nThis port speaks TLS: use https, with a client certificate.\n");
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void saysNothingToOtherBytes(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = strict(engine, version);
                Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write("GETTY /\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(failure().reason()).isEqualTo("NOT_TLS");
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void dropsAClientThatNeverFinishes(TlsEngine engine, TlsVersion version) throws Exception {
        TlsProfile profile = profile(engine, version, TrustPolicy.strict(pki.anchors()))
                .handshakeTimeout(Duration.ofMillis(200))
                .build();
        try (TestServer server = new TestServer(profile);
                Socket socket = new Socket("127.0.0.1", server.port())) {
            HandshakeFailed failed = failure();
            assertThat(failed.reason()).isEqualTo("HANDSHAKE_TIMEOUT");
            assertThat(failed.connection().remote().getPort()).isEqualTo(socket.getLocalPort());
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void notesAClientThatLeavesDuringTheHandshake() throws Exception {
        try (TestServer server = strict(TlsEngine.BORINGSSL, TlsVersion.TLS_1_3)) {
            new Socket("127.0.0.1", server.port()).close();
            assertThat(failure().reason()).isEqualTo("CLOSED_BY_PEER");
        }
    }

    private void refuses(TlsEngine engine, TlsVersion version, Credential presented, Reason reason, int alert)
            throws Exception {
        refuses(engine, version, TrustPolicy.strict(pki.anchors()), presented, reason, alert);
    }

    private void refuses(
            TlsEngine engine, TlsVersion version, TrustPolicy policy, Credential presented, Reason reason, int alert)
            throws Exception {
        try (TestServer server = new TestServer(profile(engine, version, policy).build())) {
            String said = connect(server, version, presented);
            int expected = engine == TlsEngine.BORINGSSL ? alert : 46;
            assertThat(said).doesNotContain(" over HTTP").contains("alert number " + expected);
            TlsRejected rejected = rejection();
            assertThat(rejected.findings().get(0).reason()).isEqualTo(reason);
            assertThat(rejected.presented().orElseThrow().leaf())
                    .isEqualTo(presented.chain().leaf());
        }
    }

    /** TLS 1.2 has no certificate_required; JDK 17 says bad_certificate in both versions. */
    private static String alertForNoCertificate(TlsEngine engine, TlsVersion version) {
        if (engine == TlsEngine.JDK && Runtime.version().feature() == 17) {
            return "alert number 42";
        }
        return version == TlsVersion.TLS_1_3 ? "alert number 116" : "alert number 40";
    }

    /** In TLS 1.3 BoringSSL looks at the key usage before it asks us, and has an alert of its own. */
    private static String alertForAKeyThatMayNotSign(TlsEngine engine, TlsVersion version) {
        if (engine == TlsEngine.JDK) {
            return "alert number 46";
        }
        return version == TlsVersion.TLS_1_3 ? "alert number 47" : "alert number 43";
    }

    private String connect(TestServer server, TlsVersion version, Credential credential, String... more)
            throws Exception {
        Pki.write(directory, credential);
        List<String> options = new ArrayList<>(List.of(flag(version)));
        options.addAll(List.of(more));
        options.addAll(List.of("-cert", credential.name() + ".crt", "-key", credential.name() + ".key"));
        return Shell.sClient(directory, server.port(), options.toArray(new String[0]));
    }

    private static String flag(TlsVersion version) {
        return version == TlsVersion.TLS_1_3 ? "-tls1_3" : "-tls1_2";
    }

    private TestServer strict(TlsEngine engine, TlsVersion version) {
        return new TestServer(
                profile(engine, version, TrustPolicy.strict(pki.anchors())).build());
    }

    private TlsProfile.Builder profile(TlsEngine engine, TlsVersion version, TrustPolicy policy) {
        return TlsProfile.builder(
                        CredentialSource.fixed(pki.issue("weather")), new ChainVerifier(policy, InstantSource.system()))
                .engine(engine)
                .minVersion(version)
                .audit(events);
    }

    private TlsRejected rejection() throws InterruptedException {
        return events.await(TlsRejected.class);
    }

    private HandshakeFailed failure() throws InterruptedException {
        return events.await(HandshakeFailed.class);
    }
}
