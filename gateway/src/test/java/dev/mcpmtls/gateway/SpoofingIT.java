// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.Recorder.Received;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that writes its own bytes cannot pass for another in front of a server, nor smuggle a request past the gateway. The server records
 * what it receives.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SpoofingIT {

    private static final String ROOT = "spiffe://demo.local/agent/root";
    private static final String MALLORY = "spiffe://demo.local/agent/mallory";
    private static final String BODY =
            Agent.modernBody("tools/call", "\"name\":\"say\",\"arguments\":{\"region\":null}");
    private static final List<String> HEADERS = List.of(
            "content-type", "application/json",
            "accept", "application/json, text/event-stream",
            "mcp-protocol-version", "2026-07-28",
            "mcp-method", "tools/call",
            "mcp-name", "say");

    private static Recorder upstream;
    private static Front front;

    @BeforeAll
    static void start() throws Exception {
        upstream = new Recorder(Era.MODERN);
        front = Front.of(gateway -> gateway.url(
                "crm", upstream.url(), Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30)));
        front.agent("mallory").modern("tools/list", "", "");
    }

    @AfterAll
    static void stop() {
        front.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.received.clear();
    }

    static Stream<Arguments> ignored() {
        return Stream.of(
                        List.of("X-Mcp-Mtls-Identity: " + ROOT),
                        List.of("X-Mcp-Mtls-Identity: " + ROOT, "x-mcp-mtls-identity: " + ROOT),
                        List.of("X_Mcp_Mtls_Identity: " + ROOT, "X.Mcp.Mtls.Identity: " + ROOT),
                        List.of("Client-Cert: :cm9vdA==:", "Client_Cert: :cm9vdA==:", "Client-Cert-Chain: :cm9vdA==:"),
                        List.of("Connection: X-Mcp-Mtls-Identity, Client-Cert, Client-Cert-Chain"),
                        List.of("Connection: close, X-Mcp-Mtls-Identity", "X-Mcp-Mtls-Identity: " + ROOT),
                        List.of("Keep-Alive: X-Mcp-Mtls-Identity", "Proxy-Connection: X-Mcp-Mtls-Identity"),
                        List.of("TE: trailers", "Trailer: X-Mcp-Mtls-Identity"),
                        List.of("X-Forwarded-Client-Cert: URI=" + ROOT, "Forwarded: for=root", "Via: 1.1 root"),
                        List.of("Mcp-Session-Id: root", "Last-Event-ID: 7", "X-HTTP-Method-Override: DELETE"))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("ignored")
    void noHeaderOfAClientNamesTheCaller(List<String> more) throws Exception {
        String answer = http1(head(more) + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY);
        assertThat(answer).startsWith("HTTP/1.1 200");
        theServerSawMalloryOnce();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Mcp-Mtls-Identity : root",
                " X-Mcp-Mtls-Identity: root",
                "X-Mcp-Mtls-Identity\u0000: root",
                "X-Mcp-Mtls-Identity: a\rb",
                "X-Mcp-Mtls-Identity",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: identity",
                "Content-Length: 5",
            })
    void aHeadThatTwoParsersCouldReadDifferentlyReachesNoServer(String line) throws Exception {
        String smuggled = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Mcp-Mtls-Identity: " + ROOT + "\r\n\r\n";
        String answer = http1(head(List.of(line)) + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY + smuggled);
        assertThat(answer).matches("(?s)(HTTP/1.1 4.*)?").doesNotContain("HTTP/1.1 200");
        assertThat(upstream.received).isEmpty();
    }

    @org.junit.jupiter.api.Test
    void trailersNameNoCaller() throws Exception {
        String chunked = Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\nX-Mcp-Mtls-Identity: " + ROOT
                + "\r\nClient-Cert: :cm9vdA==:\r\n\r\n";
        String answer = http1(head(List.of()) + "Transfer-Encoding: chunked\r\n\r\n" + chunked);
        if (answer.startsWith("HTTP/1.1 200")) {
            theServerSawMalloryOnce();
        } else {
            assertThat(answer).startsWith("HTTP/1.1 4");
            assertThat(upstream.received).isEmpty();
        }
    }

    static Stream<Arguments> overHttp2() {
        return Stream.of(
                Arguments.of(true, List.of("x-mcp-mtls-identity", ROOT, "x-mcp-mtls-identity", ROOT)),
                Arguments.of(true, List.of("client-cert", ":cm9vdA==:", "client_cert", ":cm9vdA==:")),
                Arguments.of(false, List.of(":x-mcp-mtls-identity", ROOT)),
                Arguments.of(false, List.of("X-Mcp-Mtls-Identity", ROOT)),
                Arguments.of(false, List.of("connection", "x-mcp-mtls-identity")),
                Arguments.of(false, List.of("x", "y\r\nX-Mcp-Mtls-Identity: " + ROOT)),
                Arguments.of(false, List.of("x\r\nX-Mcp-Mtls-Identity", ROOT)),
                Arguments.of(false, List.of("transfer-encoding", "chunked")),
                Arguments.of(false, List.of(":path", "/mcp\r\nX-Mcp-Mtls-Identity: " + ROOT)));
    }

    @ParameterizedTest
    @MethodSource
    void overHttp2(boolean isServed, List<String> more) throws Exception {
        String answer = http2(more, List.of());
        if (isServed) {
            assertThat(answer).contains("\"result\"");
            theServerSawMalloryOnce();
        } else {
            assertThat(answer).doesNotContain("\"result\"");
            assertThat(upstream.received).isEmpty();
        }
    }

    @org.junit.jupiter.api.Test
    void trailersOfHttp2NameNoCaller() throws Exception {
        assertThat(http2(List.of(), List.of("x-mcp-mtls-identity", ROOT))).contains("\"result\"");
        theServerSawMalloryOnce();
    }

    private static void theServerSawMalloryOnce() {
        List<Received> calls = upstream.with("tools/call");
        assertThat(calls).hasSize(1);
        Received call = calls.get(0);
        assertThat(call.header("x-mcp-mtls-identity")).isEqualTo(MALLORY);
        assertThat(call.header("client-cert")).startsWith(":MII").doesNotContain(" AND ");
        assertThat(call.headers().keySet())
                .map(name -> name.toLowerCase(java.util.Locale.ROOT))
                .isSubsetOf(
                        "accept",
                        "content-type",
                        "content-length",
                        "host",
                        "mcp-protocol-version",
                        "mcp-method",
                        "mcp-name",
                        "client-cert",
                        "client-cert-chain",
                        "x-mcp-mtls-identity");
        assertThat(upstream.received.toString()).doesNotContain(ROOT);
    }

    private static String head(List<String> more) {
        StringBuilder head = new StringBuilder("POST /mcp HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 0; i < HEADERS.size(); i += 2) {
            head.append(HEADERS.get(i)).append(": ").append(HEADERS.get(i + 1)).append("\r\n");
        }
        more.forEach(line -> head.append(line).append("\r\n"));
        return head.toString();
    }

    private static SSLSocket connected(String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) Front.context(Front.CA.client("mallory"))
                .getSocketFactory()
                .createSocket("localhost", front.uri().getPort());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends these bytes and reads the first answer; empty when the connection ends instead. */
    private static String http1(String bytes) throws IOException {
        try (SSLSocket socket = connected("http/1.1")) {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            byte[] answer = new byte[16 * 1024];
            int read = socket.getInputStream().read(answer);
            return read < 0 ? "" : new String(answer, 0, read, StandardCharsets.UTF_8);
        } catch (java.net.SocketException reset) {
            return "";
        }
    }

    /** The body of the answer to the call with these headers and trailers; empty when the stream or the connection ends instead. */
    private static String http2(List<String> more, List<String> trailers) throws IOException {
        try (SSLSocket socket = connected("h2")) {
            OutputStream out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(frame(4, 0, 0, new byte[0]));
            List<String> fields = new ArrayList<>(
                    List.of(":method", "POST", ":scheme", "https", ":path", "/mcp", ":authority", "localhost"));
            boolean isPseudo = !more.isEmpty() && more.get(0).startsWith(":");
            if (isPseudo) {
                fields.addAll(more);
            }
            fields.addAll(HEADERS);
            if (!isPseudo) {
                fields.addAll(more);
            }
            out.write(frame(1, 4, 1, packed(fields)));
            out.write(frame(0, trailers.isEmpty() ? 1 : 0, 1, BODY.getBytes(StandardCharsets.UTF_8)));
            if (!trailers.isEmpty()) {
                out.write(frame(1, 5, 1, packed(trailers)));
            }
            return body(new DataInputStream(socket.getInputStream()));
        } catch (java.net.SocketException reset) {
            return "";
        }
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {
            (byte) (payload.length >> 16),
            (byte) (payload.length >> 8),
            (byte) payload.length,
            (byte) type,
            (byte) flags,
            0,
            0,
            0,
            (byte) stream
        });
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** Literal fields without indexing or Huffman coding (RFC 7541 section 6.2.2). */
    private static byte[] packed(List<String> fields) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (int i = 0; i < fields.size(); i += 2) {
            packed.write(0);
            for (String text : Arrays.asList(fields.get(i), fields.get(i + 1))) {
                packed.write(text.length());
                packed.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return packed.toByteArray();
    }

    private static String body(DataInputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        try {
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                String payload = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                if (type == 7 || type == 3) {
                    return "";
                }
                if (stream == 1 && type == 0) {
                    body.append(payload);
                }
                if (stream == 1 && type <= 1 && (flags & 1) != 0) {
                    return body.toString();
                }
            }
        } catch (java.io.EOFException end) {
            return body.toString();
        }
    }
}
