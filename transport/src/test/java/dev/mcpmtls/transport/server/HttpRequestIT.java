// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.http.CannotListenException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRequestIT {

    private static final String PING = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/none\"}";

    private static final Limits SMALL = Limits.builder()
            .maxBody(4096)
            .firstRequestTimeout(Duration.ofMillis(500))
            .idleTimeout(Duration.ofMillis(500))
            .bodyTimeout(Duration.ofMillis(500))
            .writeTimeout(Duration.ofMillis(500))
            .build();
    private static Station station;

    private final Agent alice = station.agent("alice");

    @BeforeAll
    static void open() {
        station = Station.open(
                settings -> settings.limits(SMALL),
                server -> Station.tool("echo", (exchange, call) -> "echo").apply(server));
    }

    @AfterAll
    static void close() {
        station.close();
    }

    @ParameterizedTest
    @CsvSource({
        "Origin, http://localhost:3000, 202",
        "Origin, https://evil.example.com, 403",
        "Origin, http://localhost.evil.example.com, 403",
        "Origin, http://localhost@evil.example.com, 403",
        "Origin, null, 403",
        "Content-Type, application/json; charset=UTF-8, 202",
        "Content-Type, Application/JSON;, 202",
        "Content-Type, application/json;;, 415",
        "Content-Type, text/plain, 415",
        "Content-Type, application/json; charset=utf-16, 415",
        "Content-Type, 'application/json ;charset=\"utf-8\"', 202",
        "Content-Type, appli cation/json, 415",
        "Content-Type, application/json; charset=utf -8, 415",
        "Accept, */*, 202",
        "Accept, 'application/json;q=0.5, text/event-stream;q=0.001', 202",
        "Accept, 'application/json;q=0, text/event-stream', 406",
        "Accept, '*/*, application/json; q=0.000', 406",
        "Accept, '*/*;q=0', 406",
        "Accept, application/json, 406",
        "Accept, text/event-stream, 406",
        "Content-Encoding, gzip, 415",
        "MCP-Protocol-Version, 1900-01-01, 400",
    })
    void letsThroughOnlyTheHeadersOfAConformingClient(String header, String value, int status) throws Exception {
        Answer answer = alice.post(PING, "MCP-Protocol-Version", "2026-07-28", header, value);

        assertThat(answer.status()).isEqualTo(status);
        if (status != 202) {
            assertThat(answer.json().at("/error/message").asString()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"} | -32700",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}{} | -32700",
                "{'jsonrpc':'2.0'} | -32700",
                "nonsense | -32700",
                "7 | -32600",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}] | -32600",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1} | -32600",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{}} | -32600",
            })
    void refusesWhatIsNoMessage(String body, int code) throws Exception {
        Answer answer = alice.post(body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(code);
    }

    @Test
    void refusesBytesThatAreNotUtf8AndNestingThatIsTooDeep() throws Exception {
        byte[] latin1 = PING.replace("none", "n\u00f6ne").getBytes(StandardCharsets.ISO_8859_1);

        assertThat(alice.send(alice.request().POST(BodyPublishers.ofByteArray(latin1)))
                        .status())
                .isEqualTo(400);
        assertThat(alice.post("{\"a\":".repeat(65) + "1" + "}".repeat(65))
                        .json()
                        .at("/error/message")
                        .asString())
                .contains("too deep");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 55\r\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 55\r\nContent-Length: 5\r\n",
                "Content-Length: 55\r\nContent-Length: 55\r\n",
                "Content-Length: +55\r\n",
                "Content-Length: -1\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "Transfer-Encoding : chunked\r\n",
                "Content-Length: 55\r\nX-A: a\0b\r\n",
                "Content-Length: 55\r\nX-A: a\rb\r\n",
                "Content-Length: 55\r\n: a\r\n",
                "Content-Length: 55\r\nHost: localhost\r\n",
            })
    void refusesFramingThatTwoParsersCouldReadInTwoWays(String headers) throws Exception {
        assertThat(exchange(head("localhost", headers) + PING))
                .startsWith("HTTP/1.1 400")
                .doesNotContain("HTTP/1.1 2");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 202",
        "LOCALHOST:9, 202",
        "127.0.0.1, 202",
        "[::1]:1, 202",
        "localhost:, 202",
        "evil.example.com, 421",
        "'', 400",
        "agent@localhost, 400"
    })
    void answersOnlyToItsOwnNames(String host, int status) throws Exception {
        String answer = exchange(head(host, "Connection: close\r\nContent-Length: " + PING.length() + "\r\n") + PING);

        assertThat(answer).startsWith("HTTP/1.1 " + status);
    }

    /** Listening everywhere, under the names of its certificate. */
    @Test
    void showsAndServesAHostOfItsCertificateBeyondLoopback() throws Exception {
        try (Station everywhere = Station.open(settings -> settings.listen("0.0.0.0", 0), Station.who())) {
            MtlsServerTransport transport = everywhere.transport();

            assertThat(transport.uri()).hasHost("localhost").hasPort(everywhere.port());
            assertThat(transport.namesOnlyLoopback()).isTrue();
            Agent agent = everywhere.agent("alice");
            assertThat(agent.send(agent.modernCall("who", "")).status()).isEqualTo(200);
        }
    }

    /** RFC 9112 section 9.6: after "Connection: close" nothing more is processed, or a smuggled request would be. */
    @Test
    void servesNothingAfterARefusalThatEndsTheConnection() throws Exception {
        String length = "Content-Length: " + PING.length() + "\r\n";
        String proper = head("localhost", "Connection: close\r\n" + length) + PING;

        assertThat(exchange(head("localhost", length) + PING + proper).split("HTTP/1.1 202", -1))
                .hasSize(3);
        assertThat(exchange(head("evil.example.com", length) + PING + proper))
                .startsWith("HTTP/1.1 421")
                .doesNotContain("HTTP/1.1 202");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":[]} | 7",
                "{\"id\":7,\"method\":\"ping\"} | 7",
                "{\"jsonrpc\":\"2.0\",\"id\":7.5,\"method\":\"ping\"} | ",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{},\"error\":{}} | ",
            })
    void namesTheRequestThatItRefusesIfItCanTell(String body, @Nullable String id) throws Exception {
        assertThat(alice.post(body).json().at("/id").asString(null)).isEqualTo(id);
    }

    @Test
    void refusesALongBodyBeforeItIsSent() throws Exception {
        assertThat(exchange(head("localhost", "Expect: 100-continue\r\nContent-Length: 4097\r\n")))
                .startsWith("HTTP/1.1 413");
    }

    @Test
    void refusesALongBodyThatWasNotDeclared() throws Exception {
        String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";

        assertThat(exchange(head("localhost", "Transfer-Encoding: chunked\r\n") + chunk + chunk))
                .startsWith("HTTP/1.1 413");
    }

    @Test
    void refusesHeadersThatAreTooLong() throws Exception {
        assertThat(exchange(head("localhost", "X-A: " + "a".repeat(20_000) + "\r\n")))
                .startsWith("HTTP/1.1 431");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /other, 404",
        "PUT, /mcp, 405",
        "TRACE, /mcp, 405",
        "POST, *, 400",
        "POST, https://localhost/other, 404"
    })
    void hasOnePathAndThreeMethods(String method, String target, int status) throws Exception {
        String head = head("localhost", "Content-Length: 0\r\n").replace("POST /mcp", method + " " + target);

        assertThat(exchange(head)).startsWith("HTTP/1.1 " + status);
    }

    /** The form that proxies are sent (RFC 9112, section 3.2.2). */
    @ParameterizedTest
    @CsvSource({
        "https://localhost/mcp, 202",
        "HTTPS://LOCALHOST/mcp, 202",
        "http://localhost/mcp, 400",
        "https://127.0.0.1/mcp, 400",
        "https://localhost, 400",
        "https://localhost.evil.example.com/mcp, 400",
        "https://evil.example.com/https://localhost/mcp, 400"
    })
    void answersToAnAbsoluteTargetOnlyWhenItIsOfItsHost(String target, int status) throws Exception {
        String head = head("localhost", "Connection: close\r\nContent-Length: " + PING.length() + "\r\n")
                .replace("POST /mcp", "POST " + target);

        assertThat(exchange(head + PING)).startsWith("HTTP/1.1 " + status);
    }

    @Test
    void saysWhenItAnswered() throws Exception {
        for (int length : new int[] {PING.length(), 0}) { // accepted, and refused
            String body = PING.substring(0, length);
            String answer =
                    exchange(head("localhost", "Connection: close\r\nContent-Length: " + length + "\r\n") + body);
            String date = answer.replaceFirst("(?s).*\r\ndate: ([^\r]*)\r\n.*", "$1");

            assertThat(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
                    .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        }
    }

    @Test
    void saysWhichVersionsOfHttpItSpeaks() throws Exception {
        String old = head("localhost", "Content-Length: 0\r\n").replace("HTTP/1.1", "HTTP/1.0");

        assertThat(exchange(old)).contains(" 505 ").contains("HTTP/1.1 or HTTP/2 is needed");
        assertThat(exchange(old.replace("HTTP/1.0", "HTTP/1.2"))).contains(" 501 ");
    }

    @Test
    void waitsForABodyOnlySoLong() throws Exception {
        assertThat(exchange(head("localhost", "Content-Length: 55\r\n") + "{")).startsWith("HTTP/1.1 408");
    }

    @Test
    void waitsForAFirstRequestOnlySoLong() throws Exception {
        assertThat(exchange("POST /mcp HTTP/1.1\r\n")).isEmpty();
    }

    @Test
    void boundsTheRequestsOfOneIdentity() throws Exception {
        CountDownLatch entered = new CountDownLatch(2);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger most = new AtomicInteger();
        try (Station busy = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(2).build()),
                server -> Station.tool("wait", (exchange, call) -> {
                            most.incrementAndGet();
                            entered.countDown();
                            await(release);
                            return "done";
                        })
                        .apply(server))) {
            Agent carol = busy.agent("carol");
            var first = carol.sendAsync(carol.modernCall("wait", ""));
            var second = carol.sendAsync(carol.modernCall("wait", ""));
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

            assertThat(carol.send(carol.modernCall("wait", "")).status()).isEqualTo(429);
            var other = busy.agent("dave").sendAsync(carol.modernCall("wait", ""));

            release.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
            assertThat(second.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
            assertThat(other.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
            assertThat(most).hasValue(3);
        }
    }

    @Test
    void doesNotWaitForAReaderThatDoesNotRead() throws Exception {
        Limits tight = Limits.builder().writeTimeout(Duration.ofMillis(500)).build();
        String sixteenMegabytes = "x".repeat(16 * 1024 * 1024);
        try (Station large = Station.open(
                        settings -> settings.limits(tight),
                        server -> Station.tool("long", (exchange, call) -> sixteenMegabytes)
                                .apply(server));
                Socket socket = large.socket("alice")) {
            socket.getOutputStream().write(Agent.raw("long").getBytes(StandardCharsets.UTF_8));
            // The first byte of the answer, so that the server is seen at work before it is seen to have given up.
            assertThat(socket.getInputStream().read()).isEqualTo('H');

            assertThat(Station.comesTrue(
                            Duration.ofSeconds(15), () -> large.transport().openConnections() == 0))
                    .isTrue();
        }
    }

    @Test
    void saysWhatToDoWhenThePortIsTaken() {
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> Station.open(settings -> settings.listen("127.0.0.1", station.port()), server -> server))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("127.0.0.1:" + station.port())
                .hasMessageContaining("choose another port");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(String host, String more) {
        return "POST /mcp HTTP/1.1\r\nHost: " + host
                + "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                + "MCP-Protocol-Version: 2026-07-28\r\n" + more + "\r\n";
    }

    /** Everything the server says until it closes the connection. */
    private static String exchange(String request) throws IOException {
        try (Socket socket = station.socket("alice")) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
