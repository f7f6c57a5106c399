// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Other people's clients over the profile's context, each of which checks names in its own way or not at all. */
@Timeout(60)
class SslContextIT {

    private final Pki pki = new Pki("Test Root");
    private final TestServer.Events events = new TestServer.Events();
    private final ReplaceableCredential credential = new ReplaceableCredential(pki.issue("coordinator"));
    private final TlsProfile profile = profile(credential).build();

    @ParameterizedTest
    @MethodSource("dev.mcpmtls.transport.netty.ClientKinds#kinds")
    void presentsTheCredentialOfTheMoment(ClientKinds.Kind kind) throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            assertThat(kind.client().get(profile, url(server, "localhost"))).contains("CN=coordinator over");
            assertThat(events.await(TlsAccepted.class).peer().chain().leaf().getSubjectX500Principal())
                    .hasToString("CN=weather");
            events.assertNone(HandshakeFailed.class);
            credential.replace(pki.issue("successor"));
            assertThat(kind.client().get(profile, url(server, "localhost"))).contains("CN=successor over");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.mcpmtls.transport.netty.ClientKinds#kinds")
    void refusesAServerOfAnotherNameWhateverTheClientChecks(ClientKinds.Kind kind) throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            assertThatThrownBy(() -> kind.client().get(profile, url(server, "127.0.0.2")))
                    .satisfies(thrown -> assertThat(refusal(thrown)).contains("NAME_MISMATCH", "127.0.0.2"));
            assertThat(events.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.NAME_MISMATCH);
            assertThat(server.connections).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.mcpmtls.transport.netty.ClientKinds#kinds")
    void aRefusalSaysWhyAndWhatToDo(ClientKinds.Kind kind) throws Exception {
        try (TestServer server = server(new Pki("Elsewhere").issue("weather"))) {
            assertThatThrownBy(() -> kind.client().get(profile, url(server, "localhost")))
                    .satisfies(thrown -> assertThat(refusal(thrown))
                            .contains("UNTRUSTED_ISSUER", "CN=Elsewhere", "tls.trust-anchors"));
            assertThat(events.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.UNTRUSTED_ISSUER);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.mcpmtls.transport.netty.ClientKinds#kinds")
    void refusesAClientsCertificateAndAnExpiredOne(ClientKinds.Kind kind) throws Exception {
        Credential clients = pki.issue("weather", Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth);
        Credential expired = pki.issue("weather", Duration.ofHours(-1), KeyPurposeId.id_kp_serverAuth);
        for (Credential wrong : List.of(clients, expired)) {
            try (TestServer server = server(wrong)) {
                assertThatThrownBy(() -> kind.client().get(profile, url(server, "localhost")))
                        .satisfies(thrown -> assertThat(refusal(thrown)).containsAnyOf("WRONG_PURPOSE", "EXPIRED"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.mcpmtls.transport.netty.ClientKinds#kinds")
    void whenTheServerRefusesUsTheExceptionSaysWhatItsAlertMeans(ClientKinds.Kind kind) throws Exception {
        TlsProfile unknown = profile(CredentialSource.fixed(new Pki("Elsewhere").issue("coordinator")))
                .build();
        try (TestServer server = server(pki.issue("weather"))) {
            assertThatThrownBy(() -> kind.client().get(unknown, url(server, "localhost")))
                    .satisfies(thrown -> assertThat(refusal(thrown))
                            .contains("unknown_ca", "none of its trust anchors vouches for our certificate"));
        }
        HandshakeFailed recorded = events.await(HandshakeFailed.class);
        assertThat(recorded.reason()).isEqualTo("REFUSED_BY_PEER");
        assertThat(recorded.why()).contains("unknown_ca");
        assertThat(recorded.connection().side()).isEqualTo(ConnectionFacts.Side.CLIENT);
    }

    @ParameterizedTest
    @CsvSource({
        "42, bad_certificate, malformed",
        "44, certificate_revoked, was revoked",
        "45, certificate_expired, outside its validity",
        "48, unknown_ca, none of its trust anchors vouches",
        "116, certificate_required, demands a certificate",
        "120, no_application_protocol, no HTTP server",
    })
    void everyAlertIsExplainedAndRecordedOnce(int number, String alert, String meaning) throws Exception {
        for (ClientKinds.Kind kind : List.of(
                new ClientKinds.Kind("SSLEngine", ClientKinds::engine),
                new ClientKinds.Kind("SSLSocket", ClientKinds::socket))) {
            try (AlertingServer server = new AlertingServer(number)) {
                String url = "https://localhost:" + server.port();
                assertThatThrownBy(() -> kind.client().get(profile, url))
                        .satisfies(thrown -> assertThat(refusal(thrown)).contains(alert, meaning));
            }
            HandshakeFailed recorded = events.await(HandshakeFailed.class);
            assertThat(recorded.reason()).isEqualTo("REFUSED_BY_PEER");
            assertThat(recorded.why()).contains(alert, meaning);
            events.assertNone(HandshakeFailed.class);
        }
    }

    /** Answers the first record of a connection with a fatal alert. */
    private static final class AlertingServer implements AutoCloseable {

        private final ServerSocket listening;

        AlertingServer(int alert) throws IOException {
            listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            Thread answering = new Thread(() -> {
                try (Socket accepted = listening.accept()) {
                    DataInputStream in = new DataInputStream(accepted.getInputStream());
                    in.readNBytes(3);
                    in.readNBytes(in.readUnsignedShort());
                    accepted.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) alert});
                    in.readAllBytes();
                } catch (IOException e) {
                    // The client has closed the connection.
                }
            });
            answering.setDaemon(true);
            answering.start();
        }

        int port() {
            return listening.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.mcpmtls.transport.netty.ClientKinds#kinds")
    void refusesAnOlderVersionAlsoWhereTheClientEnablesIt(ClientKinds.Kind kind) throws Exception {
        try (TestServer server = new TestServer(profile(CredentialSource.fixed(pki.issue("weather")))
                .minVersion(TlsVersion.TLS_1_2)
                .cipherSuites(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
                .build())) {
            assertThatThrownBy(() -> kind.client().get(profile, url(server, "localhost")))
                    .isInstanceOf(IOException.class);
            TlsProfile older =
                    profile(credential).minVersion(TlsVersion.TLS_1_2).build();
            assertThat(kind.client().get(older, url(server, "localhost"))).contains("version=TLSv1.2");
        }
    }

    @Test
    void saysWhichVersionIsWanted() throws Exception {
        try (TestServer server = new TestServer(profile(CredentialSource.fixed(pki.issue("weather")))
                        .minVersion(TlsVersion.TLS_1_2)
                        .cipherSuites(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
                        .build());
                SSLSocket socket =
                        (SSLSocket) profile.sslContext().getSocketFactory().createSocket("localhost", server.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake)
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContainingAll("TLSv1.2", "min-version");
            assertThat(events.await(HandshakeFailed.class).reason()).isEqualTo("NO_COMMON_PROTOCOL");
        }
    }

    @Test
    void theNameThatIsIndicatedCountsWhereAnAddressIsDialled() throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            assertThat(indicating("localhost", server)).contains("CN=coordinator over");
            assertThatThrownBy(() -> indicating("other.example", server))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContainingAll("NAME_MISMATCH", "other.example");
        }
    }

    private String indicating(String name, TestServer server) throws Exception {
        try (Socket tcp = new Socket("127.0.0.2", server.port());
                SSLSocket socket = (SSLSocket)
                        profile.sslContext().getSocketFactory().createSocket(tcp, "127.0.0.2", server.port(), true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            socket.setSSLParameters(parameters);
            return ClientKinds.ask(socket);
        }
    }

    @Test
    void refusesAServerWhoseNameIsNotKnown() throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            SSLEngine nameless = profile.sslContext().createSSLEngine();
            assertThatThrownBy(() -> new ClientKinds.EngineClient(nameless, server.port()).get())
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("the name that was dialled is not known");
        }
        X509Certificate[] chain = pki.issue("weather").chain().certificates().toArray(new X509Certificate[0]);
        assertThatThrownBy(() -> profile.trustManager().checkServerTrusted(chain, "EC"))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> profile.trustManager().checkServerTrusted(chain, "EC", new Socket()))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> profile.trustManager().checkClientTrusted(chain, "EC"))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void isNotForServers() {
        assertThatThrownBy(() -> profile.sslContext().getServerSocketFactory())
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> {
                    SSLEngine engine = profile.sslContext().createSSLEngine("localhost", 1);
                    engine.setUseClientMode(false);
                    profile.trustManager()
                            .checkClientTrusted(
                                    pki.issue("x").chain().certificates().toArray(new X509Certificate[0]),
                                    "EC",
                                    engine);
                })
                .isInstanceOf(CertificateException.class);
    }

    /** The message of the handshake's failure, which clients wrap, or pass on as it is. */
    private static String refusal(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof SSLException) {
                return String.valueOf(t.getMessage());
            }
        }
        throw new AssertionError("no SSLException", thrown);
    }

    private static String url(TestServer server, String host) {
        return "https://" + host + ":" + server.port() + "/";
    }

    private TestServer server(Credential presented) {
        return new TestServer(TlsProfile.builder(
                        CredentialSource.fixed(presented),
                        new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .build());
    }

    private TlsProfile.Builder profile(CredentialSource source) {
        return TlsProfile.builder(source, new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                .audit(events);
    }
}
