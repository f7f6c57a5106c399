// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.HoldingSocket;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientConfig;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A server whose answer and whose close_notify come in one flight (RFC 8446, section 6.1). */
@Timeout(30)
class CloseNotifyIT {

    private static Vertx vertx;

    private final Pki pki = new Pki("Test Root");
    private final TestServer.Events events = new TestServer.Events();

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close().await();
    }

    static Stream<Arguments> enginesAndSizes() {
        return Stream.of(TlsEngine.BORINGSSL, TlsEngine.JDK)
                .flatMap(engine -> Stream.of(1, 15, 60, 200).map(kib -> Arguments.of(engine, kib)));
    }

    @ParameterizedTest
    @MethodSource("enginesAndSizes")
    void theWholeAnswerIsRead(TlsEngine engine, int kib) throws Exception {
        try (LeavingServer server = new LeavingServer(kib * 1024)) {
            TlsProfile profile = TlsProfile.builder(
                            CredentialSource.fixed(pki.issue("coordinator")),
                            new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
                    .engine(engine)
                    .audit(events)
                    .build();
            HttpClient client = VertxTls.secure(vertx.httpClientBuilder(), profile)
                    .with(new HttpClientConfig().setSsl(true).setVersions(HttpVersion.HTTP_1_1))
                    .build();
            for (int i = 0; i < 5; i++) {
                String body = client.request(HttpMethod.GET, server.port(), "localhost", "/")
                        .compose(request -> request.send())
                        .compose(HttpClientResponse::body)
                        .await()
                        .toString();
                assertThat(body).hasSize(kib * 1024);
            }
            events.assertNone(HandshakeFailed.class);
        }
    }

    /** Answers each connection's request and leaves, all in one write. */
    private final class LeavingServer implements AutoCloseable {

        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final SSLContext context = SSLContext.getInstance("TLS");
        private final byte[] answer;

        LeavingServer(int bytes) throws Exception {
            context.init(new KeyManager[] {new CredentialKeyManager(pki.issue("weather"))}, null, null);
            // The body ends where the connection does.
            answer = ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + "x".repeat(bytes))
                    .getBytes(StandardCharsets.US_ASCII);
            Thread thread = new Thread(this::serve, "leaving-server");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return listening.getLocalPort();
        }

        private void serve() {
            while (!listening.isClosed()) {
                try (Socket tcp = listening.accept()) {
                    answer(tcp);
                } catch (IOException closed) {
                    // The test sees what it got.
                }
            }
        }

        private void answer(Socket tcp) throws IOException {
            HoldingSocket wire = new HoldingSocket(tcp);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(wire, "client", 0, false);
            tls.setUseClientMode(false);
            tls.startHandshake();
            int read = tls.getInputStream().read(new byte[4096]);
            wire.hold();
            tls.getOutputStream().write(answer, 0, read > 0 ? answer.length : 0);
            tls.shutdownOutput();
            wire.release();
            tcp.shutdownOutput();
            while (tls.getInputStream().read() >= 0) {
                // until the client has left as well
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }
}
