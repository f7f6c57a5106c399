// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks OpenAI's chat completions as a stream, in answers that a test wrote before. */
final class ModelServer implements AutoCloseable {

    static final JsonMapper JSON = new JsonMapper();

    /** One answer. */
    interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
    final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Reply> replies = new ArrayDeque<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    ModelServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", this::answer);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    private void answer(HttpExchange exchange) throws IOException {
        authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        requests.add(JSON.readTree(exchange.getRequestBody()));
        Reply next;
        synchronized (replies) {
            next = replies.isEmpty() ? status(500, "no answer is left") : replies.removeFirst();
        }
        try (exchange) {
            next.to(exchange);
        }
    }

    ModelServer then(Reply reply) {
        synchronized (replies) {
            replies.add(reply);
        }
        return this;
    }

    /** Words, in two pieces. */
    ModelServer says(String words) {
        int middle = words.length() / 2;
        return then(stream(Map.of("content", words.substring(0, middle)), Map.of("content", words.substring(middle))));
    }

    /** Calls: names and arguments in turn. */
    ModelServer calls(String... namesAndArguments) {
        List<Map<String, Object>> calls = new ArrayList<>();
        for (int i = 0; i < namesAndArguments.length; i += 2) {
            calls.add(Map.of(
                    "index",
                    i / 2,
                    "id",
                    "call_" + i,
                    "type",
                    "function",
                    "function",
                    Map.of("name", namesAndArguments[i], "arguments", namesAndArguments[i + 1])));
        }
        return then(stream(Map.of("tool_calls", calls)));
    }

    @SafeVarargs
    private static Reply stream(Map<String, Object>... deltas) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            OutputStream body = exchange.getResponseBody();
            boolean isCall = deltas[0].containsKey("tool_calls");
            for (Map<String, Object> delta : deltas) {
                event(body, Map.of("choices", List.of(Map.of("index", 0, "delta", delta))));
            }
            event(
                    body,
                    Map.of(
                            "choices",
                            List.of(Map.of(
                                    "index", 0, "delta", Map.of(), "finish_reason", isCall ? "tool_calls" : "stop"))));
            event(
                    body,
                    Map.of(
                            "choices",
                            List.of(),
                            "usage",
                            Map.of("prompt_tokens", 100, "completion_tokens", 20, "total_tokens", 120)));
            body.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        };
    }

    private static void event(OutputStream body, Map<String, Object> chunk) throws IOException {
        body.write(("data: " + JSON.writeValueAsString(chunk) + "\n\n").getBytes(StandardCharsets.UTF_8));
        body.flush();
    }

    static Reply status(int code, String text) {
        return exchange -> {
            byte[] body = JSON.writeValueAsString(Map.of("error", Map.of("message", text)))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        };
    }

    static Reply text(String body) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
        };
    }

    /** A line that never ends. */
    static Reply endless(int status) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(status, 0);
            byte[] piece = "x".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseBody().write("data: ".getBytes(StandardCharsets.UTF_8));
            while (true) {
                exchange.getResponseBody().write(piece); // fails as soon as the client has closed
            }
        };
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
