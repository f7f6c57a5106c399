// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP client with a certificate, which says exactly what a test wants said. */
final class Agent {

    /** The head of any POST over an HTTP/1.1 connection, but for its length and its end. */
    static final String HEAD = """
        POST /mcp HTTP/1.1\r
        Host: localhost\r
        Content-Type: application/json\r
        Accept: application/json, text/event-stream\r
        """;

    static final JsonMapper JSON = JsonMapper.builder().build();

    static final String META = """
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
        "io.modelcontextprotocol/clientInfo":{"name":"agent","version":"1"},\
        "io.modelcontextprotocol/clientCapabilities":{"elicitation":{},"sampling":{},"roots":{}}}\
        """;

    private final URI uri;
    private final HttpClient http;
    private final String token;

    Agent(URI uri, SSLContext tls) {
        this(
                uri,
                HttpClient.newBuilder()
                        .sslContext(tls)
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build(),
                "");
    }

    private Agent(URI uri, HttpClient http, String token) {
        this.uri = uri;
        this.http = http;
        this.token = token;
    }

    /** The same over the same connection, with an access token in every request. */
    Agent bearing(String accessToken) {
        return new Agent(uri, http, accessToken);
    }

    /** A response. */
    record Answer(HttpResponse<String> http) {

        int status() {
            return http.statusCode();
        }

        String header(String name) {
            return http.headers().firstValue(name).orElse("");
        }

        /** The body as JSON. */
        JsonNode json() {
            return JSON.readTree(http.body());
        }

        /** The messages of an event stream. */
        List<JsonNode> events() {
            return http.body()
                    .lines()
                    .filter(line -> line.startsWith("data: {"))
                    .map(line -> JSON.readTree(line.substring(6)))
                    .toList();
        }
    }

    HttpRequest.Builder request(String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(20))
                .setHeader("Accept", "application/json, text/event-stream")
                .setHeader("Content-Type", "application/json");
        if (!token.isEmpty()) {
            request.setHeader("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return new Answer(http.send(request.build(), BodyHandlers.ofString()));
    }

    CompletableFuture<Answer> sendAsync(HttpRequest.Builder request) {
        return http.sendAsync(request.build(), BodyHandlers.ofString()).thenApply(Answer::new);
    }

    /** The lines of a stream, as they come. */
    Stream<String> stream(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofLines()).body();
    }

    Answer post(String body, String... headers) throws IOException, InterruptedException {
        return send(request(headers).POST(BodyPublishers.ofString(body)));
    }

    /** Opens a legacy session and returns its id. */
    String initialize() throws IOException, InterruptedException {
        return initialize("2025-11-25").header("mcp-session-id");
    }

    Answer initialize(String version) throws IOException, InterruptedException {
        return post("""
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"%s",\
            "capabilities":{"elicitation":{},"sampling":{}},"clientInfo":{"name":"agent","version":"1"}}}\
            """.formatted(version));
    }

    HttpRequest.Builder legacy(String session, String body) {
        return request("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25")
                .POST(BodyPublishers.ofString(body));
    }

    static String call(Object id, String tool) {
        return """
            {"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"%s","arguments":{}}}\
            """.formatted(id, tool);
    }

    /** A modern request whose headers agree with it. */
    HttpRequest.Builder modern(String method, String name, String params, String... headers) {
        List<String> all = new ArrayList<>(List.of("MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method));
        if (!name.isEmpty()) {
            all.addAll(List.of("Mcp-Name", name));
        }
        all.addAll(List.of(headers));
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"%s","params":{%s%s}}\
            """.formatted(method, params.isEmpty() ? "" : params + ",", META);
        return request(all.toArray(String[]::new)).POST(BodyPublishers.ofString(body));
    }

    HttpRequest.Builder modernCall(String tool, String more) {
        return modern("tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":{}" + more);
    }

    /** A modern call of that tool as it goes over an HTTP/1.1 connection. */
    static String raw(String tool) {
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s",%s}}\
            """.formatted(tool, META);
        return HEAD + """
            MCP-Protocol-Version: 2026-07-28\r
            Mcp-Method: tools/call\r
            Mcp-Name: %s\r
            Content-Length: %d\r
            \r
            %s\
            """.formatted(tool, body.length(), body);
    }
}
