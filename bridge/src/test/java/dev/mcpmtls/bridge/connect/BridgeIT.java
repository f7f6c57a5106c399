// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.bridge.connect.ScriptedServer.Received;
import dev.mcpmtls.bridge.remote.RawObject;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A host and a server of 2025-11-25, which keeps sessions, with the bridge between them. */
@Timeout(60)
class BridgeIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("bridge tests");
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"t\",\"arguments\":{}}}";

    @TempDir
    private Path directory;

    private final AtomicInteger sessions = new AtomicInteger();
    private ScriptedServer server;
    private Host host;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer(CA.server("s"), CA.certificate(), 0, this::answer);
        host = Host.of(server.url(), CA.client("c"), CA, directory);
    }

    @AfterEach
    void stop() {
        host.close();
        server.close();
    }

    /** A server with sessions that answers every request with its name, and keeps the stream of a GET open. */
    private void answer(Received request) throws java.io.IOException, InterruptedException {
        if (request.says("\"initialize\"")) {
            request.exchange().getResponseHeaders().set("Mcp-Session-Id", "s" + sessions.incrementAndGet());
            request.json(200, welcome(request));
        } else if (request.method().equals("GET")) {
            request.stream();
            server.untilClosed();
        } else if (request.says("\"id\"") && request.says("\"method\"")) {
            request.json(200, result(request, "{}"));
        } else {
            request.status(request.method().equals("DELETE") ? 204 : 202);
        }
    }

    static String welcome(Received request) {
        return result(
                request,
                "{\"protocolVersion\":\"2025-11-25\","
                        + "\"capabilities\":{\"tools\":{\"listChanged\":true},\"logging\":{}},"
                        + "\"serverInfo\":{\"name\":\"s\",\"version\":\"1\"}}");
    }

    static String result(Received request, String result) {
        return "{\"jsonrpc\":\"2.0\",\"id\":"
                + RawObject.parse(request.body()).raw("id").orElseThrow() + ",\"result\":" + result + "}";
    }

    private void initialize() throws Exception {
        host.send(Host.INITIALIZE, Host.INITIALIZED);
        assertThat(host.next()).contains("\"protocolVersion\":\"2025-11-25\"");
        server.next("notifications/initialized");
    }

    @Test
    void passesMessagesAsTheyWereWritten() throws Exception {
        String call = "{ \"id\" : 1.0, \"method\":\"tools/call\",\"params\":{\"z\":1.50,\"a\":12345678901234567890,"
                + "\"text\":\"\\u00e9\\/\",\"_meta\":{\"x\":null}},\"extra\":[1e3],\"jsonrpc\":\"2.0\"}";
        String answer = "{\"result\":{\"b\":1.0,\"a\":-0,\"n\":9007199254740993},\"more\":\"\\u2028\",\r\n"
                + " \"jsonrpc\":\"2.0\",\"id\":1}";
        initialize();
        server.script(request -> request.json(200, answer));

        host.send(call);

        assertThat(host.next()).isEqualTo(answer.replace("\r\n", "  "));
        assertThat(server.next("tools/call").body()).isEqualTo(call);
    }

    @Test
    void answersWhatIsNoMessageAndGoesOn() throws Exception {
        host.send("{\"jsonrpc\":", "", "[" + CALL + "]", "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"m\"}");
        host.send("x".repeat(Wire.MAX_MESSAGE + 1));

        assertThat(host.next()).contains("-32700");
        assertThat(host.next()).contains("-32600").contains("batches");
        assertThat(host.next()).contains("-32700");
        assertThat(host.next()).contains("-32600").contains("exceeds");
        initialize();
    }

    @Test
    void keepsTheSessionForTheHost() throws Exception {
        server.script(request -> {
            if (request.method().equals("GET")) {
                Received.event(request.stream(), "", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}");
                server.untilClosed();
            }
            answer(request);
        });
        initialize();

        assertThat(host.next()).contains("notifications/message");
        assertThat(server.next("GET").header("Mcp-Session-Id")).isEqualTo("s1");
        host.send(CALL);
        assertThat(host.next()).contains("\"id\":7").contains("result");
        Received call = server.next("tools/call");
        assertThat(call.header("Mcp-Session-Id")).isEqualTo("s1");
        assertThat(call.header("MCP-Protocol-Version")).isEqualTo("2025-11-25");
        host.end();
        assertThat(server.next("DELETE").header("Mcp-Session-Id")).isEqualTo("s1");
    }

    @Test
    void passesTheServersQuestionsAndTheAnswers() throws Exception {
        String question = "{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"sampling/createMessage\",\"params\":{}}";
        String answer = "{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"result\":{\"role\":\"assistant\"}}";
        CountDownLatch answered = new CountDownLatch(1);
        initialize();
        server.script(request -> {
            if (request.method().equals("GET")) {
                server.untilClosed();
            }
            if (request.says("\"q\"")) {
                answered.countDown();
                request.status(202);
                return;
            }
            try (OutputStream stream = request.stream()) {
                Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}");
                Received.event(stream, "", question);
                assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
                Received.event(stream, "", result(request, "{\"done\":true}"));
            }
        });

        host.send(CALL);
        assertThat(host.next()).contains("notifications/progress");
        assertThat(host.next()).isEqualTo(question);
        host.send(answer);

        assertThat(host.next()).contains("done");
        assertThat(server.next("\"q\"").body()).isEqualTo(answer);
    }

    @Test
    void takesUpAStreamAfterItsLastEvent() throws Exception {
        initialize();
        server.next("GET");
        server.script(request -> {
            if (request.method().equals("GET")
                    && request.header("Last-Event-ID").equals("null")) {
                server.untilClosed();
            }
            OutputStream stream = request.stream();
            if (request.header("Last-Event-ID").equals("e1")) {
                Received.event(stream, "e2", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"late\":true}}");
            } else {
                Received.event(stream, "e1", "");
            }
            stream.close();
        });

        host.send(CALL);

        assertThat(host.next()).contains("late");
        assertThat(server.next("GET").header("Last-Event-ID")).isEqualTo("e1");
        assertThat(server.received.stream().filter(request -> request.says("tools/call")))
                .hasSize(1);
    }

    @Test
    void saysThatACallMayHaveRunAndDoesNotRepeatIt() throws Exception {
        initialize();
        server.script(request -> {
            request.stream();
            request.cut();
        });

        host.send(CALL);

        assertThat(host.next()).contains("\"id\":7").contains("may have run").contains("MAY_HAVE_RUN");
        assertThat(server.received.stream().filter(request -> request.says("tools/call")))
                .hasSize(1);
    }

    @Test
    void staysWhenTheServerCannotBeReached() throws Exception {
        int port = server.port();
        server.close();

        long start = System.nanoTime();
        host.send(Host.INITIALIZE);
        assertThat(host.next()).contains("\"id\":0").contains("connection refused; start the server");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));

        server = new ScriptedServer(CA.server("s"), CA.certificate(), port, this::answer);
        initialize();
    }

    @Test
    void doesNotWaitForAServerThatShakesNoHands() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                Host other = Host.of(
                        URI.create("https://localhost:" + silent.getLocalPort() + "/mcp"),
                        CA.client("d"),
                        CA,
                        directory)) {
            other.send(Host.INITIALIZE);

            assertThat(other.next()).contains("no connection within 3 seconds");
        }
    }

    @Test
    void opensALostSessionAgainAndSaysWhatTheHostHadSaid() throws Exception {
        initialize();
        host.send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"debug\"}}");
        assertThat(host.next()).contains("\"id\":1");
        host.send("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"a://b\"}}");
        assertThat(host.next()).contains("\"id\":2");
        server.arrivals.clear();
        server.script(request -> {
            if (request.header("Mcp-Session-Id").equals("s1")) {
                request.status(404);
            } else {
                answer(request);
            }
        });

        host.send(CALL);

        assertThat(host.next()).contains("notifications/tools/list_changed");
        assertThat(host.next()).contains("\"id\":7").contains("result");
        assertThat(server.next("initialize").body()).contains("\"clientInfo\":{\"name\":\"h\"");
        assertThat(server.next("initialized").header("Mcp-Session-Id")).isEqualTo("s2");
        assertThat(server.next("setLevel").body()).contains("{\"level\":\"debug\"}");
        assertThat(server.next("resources/subscribe").body()).contains("a://b");
        assertThat(server.next("tools/call").header("Mcp-Session-Id")).isEqualTo("s2");
    }

    @Test
    void passesOnThatASessionIsLostForGood() throws Exception {
        initialize();
        server.script(request -> {
            if (request.says("\"initialize\"")) {
                answer(request);
            } else {
                request.status(404);
            }
        });

        host.send(CALL);

        String told;
        do {
            told = host.next();
        } while (!told.contains("\"id\":7"));
        assertThat(told).contains("error");
    }

    @ParameterizedTest
    @CsvSource({
        "403, the policy denies it, ask the server's operator for access",
        "421, not a host of this server, a name of the server that is in its certificate",
        "429, too many requests, wait a moment"
    })
    void turnsRefusalsIntoErrorsWithTheRemedy(int status, String message, String remedy) throws Exception {
        initialize();
        server.script(request -> request.json(
                status, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":" + status + ",\"message\":\"" + message + "\"}}"));
        host.send(CALL);
        assertThat(host.next())
                .contains("\"id\":7")
                .contains("\"code\":" + status)
                .contains(message)
                .contains(remedy);

        server.script(request -> request.send(status, "text/html", "<h1>no</h1>"));
        host.send(CALL);
        assertThat(host.next())
                .contains("\"id\":7")
                .contains("\"code\":" + status)
                .contains(remedy);
    }

    @Test
    void saysWhyTheServerRefusesOurCertificate() throws Exception {
        ThrowawayCa other = ThrowawayCa.root("strangers");
        try (Host stranger = Host.of(server.url(), other.client("x"), CA, directory)) {
            stranger.send(Host.INITIALIZE);

            assertThat(stranger.next())
                    .contains("\"id\":0")
                    .contains("REFUSED_BY_PEER")
                    .contains("certificate");
            assertThat(server.received).isEmpty();
        }
    }

    @Test
    void refusesAServerThatNoAnchorVouchesFor() throws Exception {
        try (Host trusting = Host.of(server.url(), CA.client("x"), ThrowawayCa.root("others"), directory)) {
            trusting.send(Host.INITIALIZE);

            assertThat(trusting.next()).contains("\"id\":0").contains("UNTRUSTED_ISSUER");
            assertThat(server.received).isEmpty();
        }
    }

    @Test
    void tellsTheServerThatARequestIsCancelled() throws Exception {
        initialize();
        CountDownLatch cancelled = new CountDownLatch(1);
        server.script(request -> {
            if (request.says("cancelled")) {
                cancelled.countDown();
                request.status(202);
            } else if (request.says("tools/call")) {
                request.stream();
                assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
                request.exchange().close();
            } else {
                answer(request);
            }
        });
        host.send(CALL);
        server.next("tools/call");

        host.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}");

        assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        host.send("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}");
        assertThat(host.next()).contains("\"id\":8");
    }

    @Test
    void answersWhatIsInFlightWhenTheHostIsDone() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        server.script(request -> {
            if (request.says("tools/call")) {
                called.countDown();
                assertThat(closing.await(10, TimeUnit.SECONDS)).isTrue();
            }
            answer(request);
        });
        initialize();
        host.send(CALL);
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();

        host.closeItsSide();
        closing.countDown();

        assertThat(host.next()).contains("\"id\":7").contains("result");
        host.end();
    }
}
