// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server and a proxy in front of it must never differ about what a header is or where a message ends. Each request here is one that
 * some HTTP implementation reads in its own way; its conforming twin is served.
 */
class RequestFramingIT {

    private static final String BODY = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/none\"}";
    private static final String LENGTH = "Content-Length: " + BODY.length() + "\r\n";
    private static Station station;

    @BeforeAll
    static void open() {
        station = Station.open(Station.who());
    }

    @AfterAll
    static void close() {
        station.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /mcp HTTP/1.1\r\n",
                "\r\nPOST /mcp HTTP/1.1\r\n",
                "\r\n\r\nPOST /mcp HTTP/1.1\r\n",
                "POST /mcp?a=b%20c HTTP/1.1\r\n"
            })
    void readsAProperRequestLine(String line) throws Exception {
        isServed(head(line, "") + LENGTH + "\r\n" + BODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST\t/mcp HTTP/1.1\r\n",
                "POST /mcp\tHTTP/1.1\r\n",
                "POST\u000b/mcp HTTP/1.1\r\n",
                "POST\f/mcp HTTP/1.1\r\n",
                "POST\r/mcp HTTP/1.1\r\n",
                "POST  /mcp HTTP/1.1\r\n",
                "POST /mcp  HTTP/1.1\r\n",
                "POST /mcp HTTP/1.1 \r\n",
                "POST /mcp HTTP/1.1\t\r\n",
                "POST /mcp HTTP/1.1\r\r\n",
                "POST /mcp HTTP/1.1\n",
                "POST /mcp HTTP/1.1 x\r\n",
                "POST /m cp HTTP/1.1\r\n",
                "POST /mcp\u0000 HTTP/1.1\r\n",
                "POST /mcp\u007f HTTP/1.1\r\n",
                "POST /mcp\u00e9 HTTP/1.1\r\n",
                " POST /mcp HTTP/1.1\r\n",
                "\tPOST /mcp HTTP/1.1\r\n",
                "\u0000POST /mcp HTTP/1.1\r\n",
                "\nPOST /mcp HTTP/1.1\r\n",
                "\r\n POST /mcp HTTP/1.1\r\n",
                "\r\u0000\nPOST /mcp HTTP/1.1\r\n"
            })
    void refusesARequestLineThatIsReadInTwoWays(String line) throws Exception {
        isRefused(head(line, "") + LENGTH + "\r\n" + BODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-A: b\r\n",
                "X-A:b\r\n",
                "X-A:\t b \t\r\n",
                "X-A:\r\n",
                "X-A: \"b:c\"\r\n",
                "X!#$%&'*+.^_`|~: b\r\n"
            })
    void readsProperHeaders(String header) throws Exception {
        isServed(head("POST /mcp HTTP/1.1\r\n", header) + LENGTH + "\r\n" + BODY);
        isServed(head("POST /mcp HTTP/1.1\r\n", "") + LENGTH + header + "\r\n" + BODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-A: b\r\n c\r\n",
                "X-A: b\r\n\tc\r\n",
                "X-A: b\r\n \r\n",
                "X-A:\r\n b\r\n",
                "X-A: b\r\n Content-Length: 0\r\n",
                "X-A: b\n",
                "X-A: b\nX-B: c\r\n",
                "X-A: b\rX-B: c\r\n",
                "X-A: b\r\r\n",
                "X-A : b\r\n",
                "X-A\t: b\r\n",
                "X-A\u000b: b\r\n",
                "X A: b\r\n",
                "X-A\r\n",
                ": b\r\n",
                " X-A: b\r\n",
                "\tX-A: b\r\n",
                "X-A: b\u0000c\r\n",
                "X-A: b\u000bc\r\n",
                "X-A: b\fc\r\n",
                "X-A: b\u007f\r\n",
                "X(A): b\r\n",
                "X\u00e9: b\r\n",
                "Host: localhost\r\n",
                "host: localhost\r\n",
                "Content-Length: 0\r\n",
                "Content-Length: 49\r\n",
                "Transfer-Encoding: chunked\r\n"
            })
    void refusesHeadersThatAreReadInTwoWays(String header) throws Exception {
        String line = "POST /mcp HTTP/1.1\r\n";

        isRefused(head(line, header) + LENGTH + "\r\n" + BODY);
        isRefused(head(line, "") + LENGTH + header + "\r\n" + BODY);
        isRefused(line + header + head("", "") + LENGTH + "\r\n" + BODY);
    }

    /** However the bytes arrive. */
    @ParameterizedTest
    @ValueSource(strings = {"X-A: b\r\n c\r\n", "X-A: b\r\nX-B: c\r\n"})
    void readsTheSameByteByByte(String headers) throws Exception {
        String request = head("POST /mcp HTTP/1.1\r\n", headers + "Connection: close\r\n") + LENGTH + "\r\n" + BODY;

        try (Socket socket = station.socket("alice")) {
            for (byte each : request.getBytes(StandardCharsets.ISO_8859_1)) {
                socket.getOutputStream().write(each);
            }
            assertThat(Station.answer(socket)).contains(headers.contains("\n c") ? " 400 " : " 202 ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SIZE\r\nBODY\r\n0\r\n\r\n",
                "0000SIZE\r\nBODY\r\n000\r\n\r\n",
                "SIZE;a=b\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a;b=\"c \\\" ; d\"\r\nBODY\r\n0;e\r\n\r\n",
                "SIZE\r\nBODY\r\n0\r\nX-A: b\r\nX-B: c\r\n\r\n"
            })
    void readsProperChunks(String chunks) throws Exception {
        isServed(chunked(chunks));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SIZE\nBODY\r\n0\r\n\r\n",
                "SIZE\r\nBODY\n0\r\n\r\n",
                "SIZE\r\nBODY\r\n0\n\r\n",
                "SIZE\r\nBODY\r\n0\r\n\n",
                "SIZE\r\nBODY0\r\n\r\n",
                "SIZE\r\nBODY\r\n\r\n0\r\n\r\n",
                "SIZE\r\nBODYxx\r\n0\r\n\r\n",
                "SIZE \r\nBODY\r\n0\r\n\r\n",
                " SIZE\r\nBODY\r\n0\r\n\r\n",
                "0xSIZE\r\nBODY\r\n0\r\n\r\n",
                "+SIZE\r\nBODY\r\n0\r\n\r\n",
                "-SIZE\r\nBODY\r\n0\r\n\r\n",
                "1000000SIZE\r\nBODY\r\n0\r\n\r\n",
                "10000000000000SIZE\r\nBODY\r\n0\r\n\r\n",
                ";a\r\nBODY\r\n0\r\n\r\n",
                "\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a\nb\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a\rb\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a\u0000\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a\u007f\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a=\"b\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a=\"b\r\n\"\r\nBODY\r\n0\r\n\r\n",
                "SIZE;a b\r\nBODY\r\n0\r\n\r\n",
                "SIZE\tx\r\nBODY\r\n0\r\n\r\n",
                "SIZE,0\r\nBODY\r\n0\r\n\r\n",
                "SIZE\r\nBODY\r\n0\r\nX-A: b\r\n c\r\n\r\n",
                "SIZE\r\nBODY\r\n0\r\n X-A: b\r\n\r\n",
                "SIZE\r\nBODY\r\n0\r\nX-A : b\r\n\r\n",
                "SIZE\r\nBODY\r\n0\r\nX-A: b\n\r\n",
                "SIZE\r\nBODY\r\n0\r\nX-A\r\n\r\n",
                "SIZE\r\nBODY\r\n0\r\nX-A: b\u0000\r\n\r\n"
            })
    void refusesABodyWithChunksThatAreReadInTwoWays(String chunks) throws Exception {
        isRefused(chunked(chunks));
        String last = head("POST /mcp HTTP/1.1\r\n", "") + LENGTH + "\r\n" + BODY;

        assertThat(statuses(last + chunked(chunks) + last)).containsExactly("202", "400");
    }

    @Test
    void refusesAChunkLineThatNeverEnds() throws Exception {
        assertThat(statuses(chunked("1;" + "a".repeat(20_000)))).containsExactly("400");
    }

    /** However the bytes arrive. */
    @Test
    void refusesAMalformedChunkThatComesLater() throws Exception {
        try (Socket socket = station.socket("alice")) {
            for (byte each : chunked("SIZE\r\nBODY\r\n0;\u0000\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1)) {
                socket.getOutputStream().write(each);
            }
            assertThat(Station.answer(socket)).contains(" 400 ", "a chunk or a trailer of the body is malformed");
        }
    }

    private static String head(String line, String more) {
        return line + more + "Host: localhost\r\nContent-Type: application/json\r\n"
                + "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n";
    }

    private static String chunked(String chunks) {
        return head("POST /mcp HTTP/1.1\r\n", "") + "Transfer-Encoding: chunked\r\n\r\n"
                + chunks.replace("SIZE", Integer.toHexString(BODY.length())).replace("BODY", BODY);
    }

    /** Also what comes behind it, so that it was read to its end and no further. */
    private static void isServed(String request) throws IOException {
        String last = head("POST /mcp HTTP/1.1\r\n", "Connection: close\r\n") + LENGTH + "\r\n" + BODY;

        assertThat(statuses(request + last)).containsExactly("202", "202");
    }

    /** The request behind it as well: another parser of the first might see another beginning of the second. */
    private static void isRefused(String request) throws IOException {
        String last = head("POST /mcp HTTP/1.1\r\n", "") + LENGTH + "\r\n" + BODY;

        assertThat(statuses(request + last)).containsExactly("400");
    }

    private static List<String> statuses(String requests) throws IOException {
        try (Socket socket = station.socket("alice")) {
            socket.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
            return java.util.regex.Pattern.compile("HTTP/1\\.[01] (\\d{3})")
                    .matcher(Station.answer(socket))
                    .results()
                    .map(status -> status.group(1))
                    .toList();
        }
    }
}
