// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.gateway.Agent.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Servers that have the HTTP+SSE transport of 2024-11-05 alone. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OldTransportIT {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<String> posted = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private volatile OutputStream stream;
    private volatile CountDownLatch over = new CountDownLatch(1);
    private volatile String endpoint = "/messages?session=1";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/sse", this::stream);
        server.createContext("/messages", this::message);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void stream(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            CountDownLatch end = new CountDownLatch(1);
            over = end;
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            stream = exchange.getResponseBody();
            say("endpoint", endpoint);
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void say(String type, String data) {
        try {
            stream.write(("event: " + type + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void message(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            posted.add(exchange.getRequestHeaders().getFirst("X-Mcp-Mtls-Identity") + " " + body);
            exchange.sendResponseHeaders(202, -1);
            answer(body);
        }
    }

    private void answer(String body) {
        JsonNode message = Agent.JSON.readTree(body);
        String id = String.valueOf(message.get("id"));
        if (body.contains("\"initialize\"")) {
            say(
                    "message",
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"protocolVersion\":\"2024-11-05\","
                            + "\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"old\",\"version\":\"1\"}}}");
        } else if (body.contains("\"crash\"")) {
            over.countDown();
        } else if (message.has("id")) {
            say(
                    "message",
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                            + message.at("/params/_meta/progressToken") + ",\"progress\":1.0}}");
            say(
                    "message",
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id
                            + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"old words\"}],\"n\":1.0}}");
        }
    }

    private Front front() {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/sse");
        return Front.of(gateway ->
                gateway.url("crm", url, Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30)));
    }

    @Test
    void clientsOfBothErasAreServedWithProgressAndTheCallersName() throws Exception {
        try (Front front = front()) {
            Agent alice = front.agent("alice");
            assertThat(alice.initialize().json().at("/result/serverInfo/name").asString())
                    .isEqualTo("old");
            Iterator<String> told = alice.stream("""
                {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"say","_meta":{"progressToken":"p"}}}\
                """);
            assertThat(told.next()).contains("\"progressToken\":\"p\",\"progress\":1.0");
            assertThat(told.next()).contains("old words", "\"n\":1.0", "\"id\":5");
            assertThat(posted).allMatch(one -> one.startsWith("spiffe://demo.local/agent/alice "));
            assertThat(front.agent("bob").modernCall("say", "").said()).isEqualTo("old words");
        }
    }

    @Test
    void aStreamThatEndsEndsTheCallsAndIsOpenedAgain() throws Exception {
        try (Front front = front()) {
            Agent alice = front.agent("alice");
            alice.initialize();
            assertThat(alice.call("crash").text()).contains("the server crm ended its stream; the call may have run");
            assertThat(Front.comesTrue(() -> said(alice).contains("old words"))).isTrue();
            assertThat(posted.stream().filter(one -> one.contains("\"crash\""))).hasSize(1);
        }
    }

    private static String said(Agent agent) {
        try {
            return agent.call("say").text();
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void anEndpointOfAnotherOriginGetsNothing() throws Exception {
        try (Front front = front()) {
            for (String elsewhere :
                    new String[] {"http://127.0.0.1:1/messages", "//other.example/messages", "http://[::"}) {
                endpoint = elsewhere;
                Answer refused = front.agent("alice").initialize();
                assertThat(refused.json().at("/error/message").asString())
                        .isEqualTo("the server crm answered HTTP 405");
            }
            assertThat(posted).isEmpty();
        }
    }
}
