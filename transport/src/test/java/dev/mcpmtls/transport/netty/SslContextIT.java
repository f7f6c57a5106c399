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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.io.entity.EntityUtils;
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

    /** A client of some kind: one request on a connection of its own. */
    private interface Client {
        String get(TlsProfile profile, String url) throws Exception;
    }

    /** A client and its name for reports. */
    record Kind(String name, Client client) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("java.net.http", SslContextIT::javaNetHttp),
                new Kind("HttpsURLConnection", (profile, url) -> urlConnection(profile, url, false)),
                new Kind("HttpsURLConnection, any name", (profile, url) -> urlConnection(profile, url, true)),
                new Kind("SSLSocket", SslContextIT::socket),
                new Kind("SSLSocket, layered", SslContextIT::layeredSocket),
                new Kind("SSLEngine", SslContextIT::engine),
                new Kind("OkHttp", (profile, url) -> okHttp(profile, url, false)),
                new Kind("OkHttp, any name", (profile, url) -> okHttp(profile, url, true)),
                new Kind("Apache", (profile, url) -> apache(profile, url, false)),
                new Kind("Apache, any name", (profile, url) -> apache(profile, url, true)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void presentsTheCredentialOfTheMoment(Kind kind) throws Exception {
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
    @MethodSource("kinds")
    void refusesAServerOfAnotherNameWhateverTheClientChecks(Kind kind) throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            assertThatThrownBy(() -> kind.client().get(profile, url(server, "127.0.0.2")))
                    .satisfies(thrown -> assertThat(refusal(thrown)).contains("NAME_MISMATCH", "127.0.0.2"));
            assertThat(events.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.NAME_MISMATCH);
            assertThat(server.connections).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aRefusalSaysWhyAndWhatToDo(Kind kind) throws Exception {
        try (TestServer server = server(new Pki("Elsewhere").issue("weather"))) {
            assertThatThrownBy(() -> kind.client().get(profile, url(server, "localhost")))
                    .satisfies(thrown -> assertThat(refusal(thrown))
                            .contains("UNTRUSTED_ISSUER", "CN=Elsewhere", "tls.trust-anchors"));
            assertThat(events.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.UNTRUSTED_ISSUER);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesAClientsCertificateAndAnExpiredOne(Kind kind) throws Exception {
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
    @MethodSource("kinds")
    void whenTheServerRefusesUsTheExceptionSaysWhatItsAlertMeans(Kind kind) throws Exception {
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
        for (Kind kind :
                List.of(new Kind("SSLEngine", SslContextIT::engine), new Kind("SSLSocket", SslContextIT::socket))) {
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
    @MethodSource("kinds")
    void refusesAnOlderVersionAlsoWhereTheClientEnablesIt(Kind kind) throws Exception {
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
            return ask(socket);
        }
    }

    @Test
    void refusesAServerWhoseNameIsNotKnown() throws Exception {
        try (TestServer server = server(pki.issue("weather"))) {
            SSLEngine nameless = profile.sslContext().createSSLEngine();
            assertThatThrownBy(() -> new EngineClient(nameless, server.port()).get())
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

    private static String javaNetHttp(TlsProfile profile, String url) throws Exception {
        // As a framework would: without the context's parameters.
        HttpClient client =
                HttpClient.newBuilder().sslContext(profile.sslContext()).build();
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String urlConnection(TlsProfile profile, String url, boolean anyName) throws IOException {
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create(url).toURL().openConnection();
        connection.setSSLSocketFactory(profile.sslContext().getSocketFactory());
        if (anyName) {
            connection.setHostnameVerifier((host, session) -> true);
        }
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String okHttp(TlsProfile profile, String url, boolean anyName) throws IOException {
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .sslSocketFactory(profile.sslContext().getSocketFactory(), profile.trustManager());
        if (anyName) {
            builder.hostnameVerifier((host, session) -> true);
        }
        OkHttpClient client = builder.build();
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.body().string();
        }
    }

    private static String apache(TlsProfile profile, String url, boolean anyName) throws IOException {
        ClientTlsStrategyBuilder tls = ClientTlsStrategyBuilder.create().setSslContext(profile.sslContext());
        if (anyName) {
            tls.setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                    .setHostnameVerifier(NoopHostnameVerifier.INSTANCE);
        }
        try (CloseableHttpClient client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setTlsSocketStrategy(tls.buildClassic())
                        .build())
                .build()) {
            return client.execute(new HttpGet(url), response -> EntityUtils.toString(response.getEntity()));
        }
    }

    private static String socket(TlsProfile profile, String url) throws IOException {
        URI uri = URI.create(url);
        try (Socket socket = profile.sslContext().getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
            return ask(socket);
        }
    }

    private static String layeredSocket(TlsProfile profile, String url) throws IOException {
        URI uri = URI.create(url);
        try (Socket tcp = new Socket(InetAddress.getByName(uri.getHost()), uri.getPort());
                Socket socket =
                        profile.sslContext().getSocketFactory().createSocket(tcp, uri.getHost(), uri.getPort(), true)) {
            return ask(socket);
        }
    }

    private static String ask(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String engine(TlsProfile profile, String url) throws IOException {
        URI uri = URI.create(url);
        return new EngineClient(profile.sslContext().createSSLEngine(uri.getHost(), uri.getPort()), uri.getPort())
                .get();
    }

    /** One request over a bare engine. */
    private static final class EngineClient {

        private final SSLEngine engine;
        private final int port;
        private final ByteBuffer received = ByteBuffer.allocate(64 * 1024).flip();
        private final ByteBuffer plain = ByteBuffer.allocate(64 * 1024);

        EngineClient(SSLEngine engine, int port) {
            this.engine = engine;
            this.port = port;
        }

        String get() throws IOException {
            try (Socket tcp = new Socket("127.0.0.1", port)) {
                ByteBuffer request = StandardCharsets.US_ASCII.encode(
                        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                engine.beginHandshake();
                boolean open = true;
                while (open) {
                    open = step(tcp, request);
                }
                return StandardCharsets.UTF_8.decode(plain.flip()).toString();
            }
        }

        private boolean step(Socket tcp, ByteBuffer request) throws IOException {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
                return true;
            }
            if (status == HandshakeStatus.NEED_WRAP
                    || (status == HandshakeStatus.NOT_HANDSHAKING && request.hasRemaining())) {
                ByteBuffer out = ByteBuffer.allocate(32 * 1024);
                engine.wrap(request, out);
                tcp.getOutputStream().write(out.array(), 0, out.position());
                return !engine.isOutboundDone();
            }
            int before = received.remaining();
            engine.unwrap(received, plain);
            if (received.remaining() == before && engine.getHandshakeStatus() == status) {
                received.compact();
                int count = tcp.getInputStream().read(received.array(), received.position(), received.remaining());
                received.position(received.position() + Math.max(count, 0)).flip();
                return count >= 0;
            }
            return !engine.isInboundDone();
        }
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
