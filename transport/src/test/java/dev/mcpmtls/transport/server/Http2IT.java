// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 as no client library would speak it, frame by frame (RFC 9113). */
class Http2IT {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private static final Station STATION = Station.open(Station.who());

    @AfterAll
    static void close() {
        STATION.close();
    }

    @Test
    void servesAProperRequest() throws Exception {
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("localhost"));

            assertThat(peer.answerTo(1)).contains("Mcp-Session-Id");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "transfer-encoding, chunked",
        "connection, keep-alive",
        "Upper-Case, x",
        "x, a\\nb",
        "x, a\\rb",
        "x, a\\0b",
        "host, evil.example.com",
        "content-length, 12",
        ":path, /other",
        ":unknown, x",
    })
    void refusesAHeadThatTwoParsersCouldReadInTwoWays(String name, String value) throws Exception {
        String raw = value.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0");
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("localhost", name, raw));

            assertThat(peer.answerTo(1)).doesNotContain("Mcp-Session-Id");
        }
    }

    @Test
    void answersOnlyToItsOwnNames() throws Exception {
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("evil.example.com"));

            assertThat(peer.answerTo(1)).contains("host name");
        }
    }

    @Test
    void isNoProxy() throws Exception {
        ByteArrayOutputStream connect = new ByteArrayOutputStream();
        connect.writeBytes(header(":method", "CONNECT"));
        connect.writeBytes(header(":authority", "localhost"));
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, connect.toByteArray());

            assertThat(peer.answerTo(1)).contains("must be a path");
        }
    }

    @Test
    void endsAFloodOfResets() throws Exception {
        try (Peer peer = new Peer()) {
            assertThat(peer.isEndedDuring(stream -> {
                        peer.send(HEADERS, END_HEADERS, stream, head("localhost"));
                        peer.send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
                    }))
                    .isTrue();
        }
        isStillServing();
    }

    @Test
    void endsHeadersThatNeverEnd() throws Exception {
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, 0, 1, head("localhost"));

            assertThat(peer.isEndedDuring(stream -> peer.send(CONTINUATION, 0, 1, header("x", "y".repeat(100)))))
                    .isTrue();
        }
        isStillServing();
    }

    @Test
    void endsAFloodOfEmptyData() throws Exception {
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, END_HEADERS, 1, head("localhost"));

            assertThat(peer.isEndedDuring(stream -> peer.send(DATA, 0, 1, new byte[0])))
                    .isTrue();
        }
        isStillServing();
    }

    private static void isStillServing() throws Exception {
        try (Peer peer = new Peer()) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("localhost"));
            assertThat(peer.answerTo(1)).contains("Mcp-Session-Id");
        }
        assertThat(Station.comesTrue(
                        Duration.ofSeconds(10), () -> STATION.transport().openConnections() == 0))
                .isTrue();
    }

    /** A GET for the event stream, which needs a session that nobody has. */
    private static byte[] head(String authority, String... more) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(header(":method", "GET"));
        block.writeBytes(header(":scheme", "https"));
        block.writeBytes(header(":path", "/mcp"));
        block.writeBytes(header(":authority", authority));
        for (int i = 0; i < more.length; i += 2) {
            block.writeBytes(header(more[i], more[i + 1]));
        }
        block.writeBytes(header("accept", "text/event-stream"));
        return block.toByteArray();
    }

    /** A literal that no table remembers (RFC 7541, section 6.2.2). */
    private static byte[] header(String name, String value) {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.write(0);
        for (String text : new String[] {name, value}) {
            field.write(text.length());
            field.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        return field.toByteArray();
    }

    private interface Attack {
        void send(int stream) throws IOException;
    }

    /** One connection. */
    private static final class Peer implements AutoCloseable {

        private final SSLSocket socket;
        private final OutputStream out;
        private final DataInputStream in;

        Peer() throws IOException {
            socket =
                    (SSLSocket) Station.context("mallory").getSocketFactory().createSocket("127.0.0.1", STATION.port());
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(20_000);
            out = socket.getOutputStream();
            in = new DataInputStream(socket.getInputStream());
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            send(SETTINGS, 0, 0, new byte[0]);
        }

        void send(int type, int flags, int stream, byte[] payload) throws IOException {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(payload.length >> 16);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
            frame.write(type);
            frame.write(flags);
            frame.write(stream >> 24);
            frame.write(stream >> 16);
            frame.write(stream >> 8);
            frame.write(stream);
            frame.writeBytes(payload);
            out.write(frame.toByteArray());
            out.flush();
        }

        /** The body of the answer; empty when the stream or the connection was reset instead. */
        String answerTo(int wanted) {
            StringBuilder body = new StringBuilder();
            try {
                while (true) {
                    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                    int type = in.readUnsignedByte();
                    int flags = in.readUnsignedByte();
                    int stream = in.readInt();
                    String payload = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                    if (type == GOAWAY || type == RST_STREAM) {
                        return "";
                    }
                    if (type == DATA && stream == wanted) {
                        body.append(payload);
                    }
                    if (stream == wanted && (flags & END_STREAM) != 0) {
                        return body.toString();
                    }
                }
            } catch (java.net.SocketTimeoutException e) {
                throw new AssertionError("neither an answer nor an end", e);
            } catch (IOException end) {
                return body.toString();
            }
        }

        /** Whether the server ends the connection before the attack has been repeated twenty thousand times. */
        boolean isEndedDuring(Attack attack) throws IOException {
            try {
                for (int i = 0; i < 20_000; i++) {
                    attack.send(2 * i + 1);
                }
                socket.setSoTimeout(2_000);
                while (in.read() >= 0) {}
                return true;
            } catch (java.net.SocketTimeoutException e) {
                return false;
            } catch (IOException ended) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
