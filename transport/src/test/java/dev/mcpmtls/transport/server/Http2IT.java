// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static dev.mcpmtls.transport.server.Http2Peer.CONTINUATION;
import static dev.mcpmtls.transport.server.Http2Peer.DATA;
import static dev.mcpmtls.transport.server.Http2Peer.END_HEADERS;
import static dev.mcpmtls.transport.server.Http2Peer.END_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.HEADERS;
import static dev.mcpmtls.transport.server.Http2Peer.RST_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.WINDOW_UPDATE;
import static dev.mcpmtls.transport.server.Http2Peer.header;
import static dev.mcpmtls.transport.server.Http2Peer.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Http2Peer.Frame;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2 as no client library would speak it, frame by frame (RFC 9113). */
class Http2IT {

    private static Station station;

    @BeforeAll
    static void open() {
        station = Station.open(Station.who());
    }

    @AfterAll
    static void close() {
        station.close();
    }

    @Test
    void servesAProperRequest() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
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
        "x y, a",
        "'x:', a",
        "x, ' a'",
        "x, 'a '",
        "x, a\\d",
    })
    void refusesAHeadThatTwoParsersCouldReadInTwoWays(String name, String value) throws Exception {
        String raw = value.replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\0", "\0")
                .replace("\\d", "\u007f");
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("localhost", name, raw));

            assertThat(peer.answerTo(1)).doesNotContain("Mcp-Session-Id");
        }
    }

    @Test
    void resetsOnlyTheStreamThatIsMalformed() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("localhost", "connection", "keep-alive"));
            peer.send(HEADERS, END_HEADERS | END_STREAM, 3, head("localhost"));

            assertThat(peer.next()).isEqualTo(new Frame(RST_STREAM, 0, 1));
            assertThat(peer.answerTo(3)).contains("Mcp-Session-Id");
        }
        isStillServing();
    }

    /** Frames that were in flight when the stream was reset harm nothing else (RFC 9113, section 5.1). */
    @ParameterizedTest
    @CsvSource({"connection, keep-alive", "Upper-Case, x", "x, a\\0b", "transfer-encoding, chunked", ":path, /other"})
    void servesOtherStreamsAfterABodyBehindAMalformedHead(String name, String value) throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS, 1, head("localhost", name, value.replace("\\0", "\0")));
            peer.send(DATA, 0, 1, new byte[100]);
            peer.send(WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 1});
            peer.send(DATA, END_STREAM, 1, new byte[100]);
            peer.send(RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
            peer.send(HEADERS, END_HEADERS | END_STREAM, 3, head("localhost"));

            assertThat(peer.next()).isEqualTo(new Frame(RST_STREAM, 0, 1));
            assertThat(peer.answerTo(3)).contains("Mcp-Session-Id");
        }
        isStillServing();
    }

    /** A stream that no head has opened is an error of the connection (section 5.1). */
    @Test
    void endsTheConnectionAtABodyWithoutAHead() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS, 1, head("localhost", "connection", "keep-alive"));
            peer.send(DATA, END_STREAM, 3, new byte[100]);

            assertThat(peer.next()).isEqualTo(new Frame(RST_STREAM, 0, 1));
            assertThat(peer.goodbye()).isEqualTo(1); // PROTOCOL_ERROR
        }
        isStillServing();
    }

    @Test
    void endsAFloodOfMalformedRequests() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            assertThat(peer.isEndedDuring(stream -> {
                        peer.send(HEADERS, END_HEADERS, stream, head("localhost", "connection", "keep-alive"));
                        peer.send(DATA, END_STREAM, stream, new byte[100]);
                    }))
                    .isTrue();
        }
        isStillServing();
    }

    @Test
    void endsAConnectionThatIsMalformedAndSaysWhy() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(DATA, 0, 0, new byte[1]);

            assertThat(peer.goodbye()).isEqualTo(1); // PROTOCOL_ERROR
            assertThat(peer.isEndedDuring(stream -> {})).isTrue();
        }
        isStillServing();
    }

    @Test
    void speaksOnlyOfHttps() throws Exception {
        byte[] plain = headers(
                ":method",
                "GET",
                ":scheme",
                "http",
                ":path",
                "/mcp",
                ":authority",
                "localhost",
                "accept",
                "text/event-stream");
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, plain);

            assertThat(peer.answerTo(1)).contains("scheme must be https");
        }
    }

    @Test
    void answersOnlyToItsOwnNames() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("evil.example.com"));

            assertThat(peer.answerTo(1)).contains("host name");
        }
    }

    @Test
    void isNoProxy() throws Exception {
        ByteArrayOutputStream connect = new ByteArrayOutputStream();
        connect.writeBytes(header(":method", "CONNECT"));
        connect.writeBytes(header(":authority", "localhost"));
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, connect.toByteArray());

            assertThat(peer.answerTo(1)).contains("must be a path");
        }
    }

    @Test
    void endsAFloodOfResets() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
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
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, 0, 1, head("localhost"));

            assertThat(peer.isEndedDuring(stream -> peer.send(CONTINUATION, 0, 1, header("x", "y".repeat(100)))))
                    .isTrue();
        }
        isStillServing();
    }

    @Test
    void endsAFloodOfEmptyData() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS, 1, head("localhost"));

            assertThat(peer.isEndedDuring(stream -> peer.send(DATA, 0, 1, new byte[0])))
                    .isTrue();
        }
        isStillServing();
    }

    private static void isStillServing() throws Exception {
        try (Http2Peer peer = new Http2Peer(station)) {
            peer.send(HEADERS, END_HEADERS | END_STREAM, 1, head("localhost"));
            assertThat(peer.answerTo(1)).contains("Mcp-Session-Id");
        }
        assertThat(Station.comesTrue(
                        Duration.ofSeconds(10), () -> station.transport().openConnections() == 0))
                .isTrue();
    }

    /** A GET for the event stream, which needs a session that does not exist. */
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
}
