// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import tools.jackson.databind.JsonNode;

/** An MCP server over plain HTTP that records what it receives and answers as its era does. */
final class Recorder implements AutoCloseable {

    enum Era {
        LEGACY,
        MODERN
    }

    record Received(String method, Map<String, List<String>> headers, String body) {

        String header(String name) {
            return headers.entrySet().stream()
                    .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                    .flatMap(entry -> entry.getValue().stream())
                    .reduce((one, two) -> one + " AND " + two)
                    .orElse("");
        }
    }

    final Queue<Received> received = new ConcurrentLinkedQueue<>();

    /** How many clients have left a stream that stayed open. */
    final AtomicInteger left = new AtomicInteger();

    /** How many notifications and answers have been dealt with, each after a moment. */
    final AtomicInteger taken = new AtomicInteger();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final String base;
    volatile String client = "";

    /** How long it takes for a message that it does not answer. */
    volatile Duration noticing = Duration.ZERO;

    private volatile Era era;
    private volatile int probed = 400;
    private volatile String probeAnswer =
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"no session\"}}";
    private volatile boolean forgetful;
    private volatile boolean silent;
    private volatile String wanted = "";

    Recorder(Era era) throws IOException {
        this(
                era,
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
                "http://127.0.0.1:");
    }

    private Recorder(Era era, HttpServer server, String base) {
        this.era = era;
        this.server = server;
        this.base = base;
        server.setExecutor(threads);
        server.createContext("/mcp", this::answer);
        server.start();
    }

    /** Over TLS, as localhost. */
    static Recorder secure(Era era, SSLContext tls, boolean needsClient) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters own = tls.getDefaultSSLParameters();
                own.setNeedClientAuth(needsClient);
                parameters.setSSLParameters(own);
            }
        });
        return new Recorder(era, server, "https://localhost:");
    }

    URI url() {
        return URI.create(base + server.getAddress().getPort() + "/mcp");
    }

    /** From now on another server is there. */
    void replacedBy(Era other) {
        era = other;
        forgetful = true;
    }

    /** Whether {@code server/discover} gets no answer. */
    void isSilent(boolean silence) {
        silent = silence;
    }

    /** From now on requests need this access token. */
    void wants(String token) {
        wanted = token;
    }

    /** How the legacy server answers {@code server/discover}. */
    void answersTheProbe(int status, String body) {
        probed = status;
        probeAnswer = body;
    }

    /** From now on no session is known, until one is opened. */
    void forget() {
        forgetful = true;
    }

    private static String clientOf(SSLSession session) {
        try {
            return session.getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException none) {
            return "";
        }
    }

    /** The requests whose bodies hold this text. */
    List<Received> with(String text) {
        return received.stream().filter(one -> one.body().contains(text)).toList();
    }

    private void answer(HttpExchange exchange) {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            received.add(new Received(exchange.getRequestMethod(), Map.copyOf(exchange.getRequestHeaders()), body));
            if (exchange instanceof HttpsExchange secure) {
                client = clientOf(secure.getSSLSession());
            }
            exchange.getResponseHeaders().set("Set-Cookie", "a=b");
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            exchange.getResponseHeaders().set("X-Secret", "upstream");
            if (!wanted.isEmpty()
                    && !("Bearer " + wanted).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer error=\"invalid_token\", scope=\"crm\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            JsonNode message = Agent.JSON.readTree(body);
            if (!message.has("id") || !message.has("method")) {
                java.util.concurrent.locks.LockSupport.parkNanos(noticing.toNanos());
                taken.incrementAndGet();
                exchange.sendResponseHeaders(202, -1);
            } else {
                answer(exchange, message, body);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(HttpExchange exchange, JsonNode message, String body) throws IOException {
        String id = message.get("id").toString();
        String method = message.get("method").asString();
        String tool = message.at("/params/name").asString("");
        String version = exchange.getRequestHeaders().getFirst("Mcp-Protocol-Version");
        if (era == Era.LEGACY && !method.equals("server/discover") && "2026-07-28".equals(version)) {
            json(
                    exchange,
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"Bad Request:"
                            + " Unsupported protocol version: "
                            + version + " (supported versions: 2025-11-25)\"}}");
        } else if (era == Era.MODERN && method.equals("tools/call") && !"2026-07-28".equals(version)) {
            json(
                    exchange,
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id
                            + ",\"error\":{\"code\":-32022,\"message\":\"no\",\"data\":{\"supported\":[\"2026-07-28\"]}}}");
        } else if (method.equals("initialize")) {
            if (era == Era.MODERN) {
                json(
                        exchange,
                        400,
                        "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32601,\"message\":\"no\"}}");
                return;
            }
            forgetful = false;
            exchange.getResponseHeaders().set("Mcp-Session-Id", "upstream-session");
            result(exchange, id, """
                {"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"recorder","version":"1"}}\
                """);
        } else if (forgetful && era == Era.LEGACY && !method.equals("server/discover")) {
            exchange.sendResponseHeaders(404, -1);
        } else if (method.equals("server/discover")) {
            if (silent) {
                keepOpen(OutputStream.nullOutputStream());
            }
            if (era == Era.LEGACY) {
                json(exchange, probed, probeAnswer);
                return;
            }
            result(exchange, id, """
                {"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},\
                "resources":{"subscribe":true}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"recorder","version":"2"}}}\
                """);
        } else if (method.equals("tools/list")) {
            String claim = body.contains("whoami") ? ",\"_meta\":{\"dev.mcpmtls/caller\":{\"identity\":\"root\"}}" : "";
            result(exchange, id, """
                {"tools":[{"name":"say","inputSchema":{"type":"object","properties":{"region":{"type":"string",\
                "x-mcp-header":"Region"}}},"weight":1.0}],"resultType":"complete","ttlMs":5,"cacheScope":"public"%s}\
                """.formatted(claim));
        } else if (method.equals("subscriptions/listen")) {
            stream(
                    exchange,
                    note("notifications/subscriptions/acknowledged", "\"notifications\":{}", id),
                    note("notifications/tools/list_changed", "\"x\":1.0", id),
                    "WAIT");
        } else if (tool.equals("stream")) {
            String token = message.at("/params/_meta/progressToken").toString();
            stream(
                    exchange,
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":" + token
                            + ",\"progress\":1.0}}",
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"content\":[],\"resultType\":\"complete\"}}");
        } else if (tool.equals("wait")) {
            stream(
                    exchange,
                    "NUMBER",
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}",
                    "WAIT");
        } else if (tool.equals("primed")) {
            stream(exchange, "NUMBER", "", "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"content\":[]}}");
        } else if (tool.equals("numbered")) {
            stream(exchange, "NUMBER", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}");
        } else if (tool.equals("cut")) {
            stream(exchange, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}");
        } else if (tool.equals("ask") && !body.contains("inputResponses")) {
            result(exchange, id, """
                {"resultType":"input_required","requestState":"st\\u0061te","inputRequests":{"k":{"method":"elicitation/create","params":{}}}}\
                """);
        } else if (tool.equals("incapable")) {
            json(
                    exchange,
                    400,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32021,\"message\":\"no\"}}");
        } else if (method.equals("nothing/known")) {
            json(
                    exchange,
                    404,
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32601,\"message\":\"no\"}}");
        } else if (tool.equals("fail")) {
            json(exchange, 500, "<html>secret</html>");
        } else if (tool.equals("split")) {
            json(
                    exchange,
                    200,
                    "{\"jsonrpc\":\"2.0\",\r\n\r\n\"id\":" + id
                            + ",\"result\":{\"content\":[],\"resultType\":\"complete\"}}");
        } else {
            result(
                    exchange,
                    id,
                    "{\"content\":[{\"type\":\"text\",\"text\":" + Agent.JSON.writeValueAsString(body)
                            + "}],\"n\":90071992547409931,\"f\":1.0,\"resultType\":\"complete\"}");
        }
    }

    private static String note(String method, String params, String id) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":{" + params
                + ",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + id + "}}}";
    }

    private static void result(HttpExchange exchange, String id, String result) throws IOException {
        json(exchange, 200, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Events; the one after {@code NUMBER} has an id, and after {@code WAIT} the stream stays open until the client leaves. */
    private void stream(HttpExchange exchange, String... messages) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        for (String message : messages) {
            if (message.equals("NUMBER")) {
                out.write("id: 7\n".getBytes(StandardCharsets.UTF_8));
                continue;
            }
            if (message.equals("WAIT")) {
                keepOpen(out);
                return;
            }
            out.write(("event: message\ndata: " + message + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private void keepOpen(OutputStream out) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                out.write(": still there\n\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            }
        } catch (IOException gone) {
            left.incrementAndGet();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
