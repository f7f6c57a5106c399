// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client's record that cannot be read after the handshake: an alert, then the end at once (RFC 8446, sections 5.2 and 6.2). */
@Timeout(60)
class BrokenRecordIT {

    /** Less than any limit for idle connections, and less than the moment for which the rest of what has come is dropped. */
    private static final int AT_ONCE_MILLIS = 700;

    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Pki pki = new Pki("Test Root");
    private final ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system());
    private final TestServer.Events events = new TestServer.Events();

    static Stream<Arguments> enginesAndVersions() {
        return ServerHandshakeIT.enginesAndVersions();
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void endsAConnectionBeforeTheFirstRequest(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = server(engine);
                Client client = new Client(server, version, pki.issue("coordinator"))) {
            client.sendJunk(1);
            client.assertTold();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void endsAConnectionWhoseTicketsAreLarge(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = server(engine);
                Client client = new Client(server, version, pki.issueWithManyNames("coordinator"))) {
            client.sendJunk(1);
            client.assertTold();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void endsAConnectionAfterARequest(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = server(engine);
                Client client = new Client(server, version, pki.issue("coordinator"))) {
            assertThat(client.ask()).contains("CN=coordinator over");
            client.sendJunk(1);
            client.assertTold();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void saysWhyAlsoWhereMoreHasCome(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = server(engine);
                Client client = new Client(server, version, pki.issue("coordinator"))) {
            assertThat(client.ask()).contains("CN=coordinator over");
            client.sendJunk(4_000);
            client.assertTold();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void goesOnWithGoodRecords(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = server(engine);
                Client client = new Client(server, version, pki.issueWithManyNames("coordinator"))) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.ask()).contains("CN=coordinator over");
            }
            events.assertNone(HandshakeFailed.class);
        }
    }

    private TestServer server(TlsEngine engine) {
        return new TestServer(TlsProfile.builder(CredentialSource.fixed(pki.issue("weather")), verifier)
                .engine(engine)
                .minVersion(TlsVersion.TLS_1_2)
                .audit(events)
                .build());
    }

    /** The JDK's client over a socket that can also be written to and read without TLS. */
    private final class Client implements AutoCloseable {

        private final Socket wire;
        private final SSLSocket tls;

        Client(TestServer server, TlsVersion version, Credential credential) throws Exception {
            wire = new Socket("127.0.0.1", server.port());
            tls = (SSLSocket) context(credential).getSocketFactory().createSocket(wire, "localhost", 0, false);
            tls.setEnabledProtocols(new String[] {version.text()});
            tls.startHandshake();
            events.await(TlsAccepted.class);
        }

        String ask() throws IOException {
            tls.getOutputStream().write(REQUEST);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            InputStream in = tls.getInputStream();
            int next = in.read();
            while (next >= 0) {
                answer.write(next);
                if (in.available() == 0
                        && answer.toString(StandardCharsets.UTF_8).endsWith("\n")) {
                    break;
                }
                next = in.read();
            }
            return answer.toString(StandardCharsets.UTF_8);
        }

        void sendJunk(int records) throws IOException {
            byte[] junk = new byte[records * 37];
            Arrays.fill(junk, (byte) 'A');
            for (int i = 0; i < records; i++) {
                System.arraycopy(new byte[] {0x17, 3, 3, 0, 32}, 0, junk, i * 37, 5);
            }
            wire.getOutputStream().write(junk);
        }

        void assertTold() throws IOException {
            tls.setSoTimeout(AT_ONCE_MILLIS);
            assertThatThrownBy(() -> tls.getInputStream().read())
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("bad_record_mac");
            assertThat(wire.getInputStream().read()).isEqualTo(-1);
            assertRecorded();
        }

        private void assertRecorded() throws IOException {
            try {
                HandshakeFailed recorded = events.await(HandshakeFailed.class);
                assertThat(recorded.reason()).isEqualTo("UNREADABLE_RECORD");
                assertThat(recorded.connection().tls()).isPresent();
                events.assertNone(HandshakeFailed.class);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            wire.close();
        }
    }

    private SSLContext context(Credential credential) throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("root", pki.anchors().certificates().get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new CredentialKeyManager(credential)}, trust.getTrustManagers(), null);
        return context;
    }
}
