// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP client with a certificate, which says exactly what a test wants said. */
final class Agent {

    static final JsonMapper JSON = JsonMapper.builder().build();

    static final String META = """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
            "io.modelcontextprotocol/clientInfo":{"name":"agent","version":"1"},\
            "io.modelcontextprotocol/clientCapabilities":{"elicitation":{},"sampling":{},"roots":{}}}""";

    private final URI uri;
    private final HttpClient http;
    private String session = "";

    Agent(URI uri, SSLContext tls) {
        this.uri = uri;
        this.http = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    record Answer(int status, String body, String session) {

        JsonNode json() {
            return JSON.readTree(text());
        }

        /** The last message, as it came. */
        String text() {
            List<String> messages = messages();
            return messages.isEmpty() ? body : messages.get(messages.size() - 1);
        }

        /** The messages of an event stream. */
        List<String> messages() {
            return body.lines()
                    .filter(line -> line.startsWith("data: {"))
                    .map(line -> line.substring(6))
                    .toList();
        }

        /** The text that a tool answered. */
        String said() {
            return json().at("/result/content/0/text").asString();
        }
    }

    private HttpRequest.Builder request(String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(30))
                .setHeader("Accept", "application/json, text/event-stream")
                .setHeader("Content-Type", "application/json");
        if (!session.isEmpty()) {
            request.setHeader("Mcp-Session-Id", session);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    Answer post(String body, String... headers) throws IOException, InterruptedException {
        return answer(
                http.send(request(headers).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString()));
    }

    /** With all of its headers. */
    HttpResponse<String> raw(String body) throws IOException, InterruptedException {
        return http.send(request().POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    CompletableFuture<Answer> postAsync(String body, String... headers) {
        return http.sendAsync(
                        request(headers).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString())
                .thenApply(Agent::answer);
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("mcp-session-id").orElse(""));
    }

    /** The messages of a response, as they come. */
    Iterator<String> stream(String body, String... headers) throws IOException, InterruptedException {
        return messages(request(headers).POST(BodyPublishers.ofString(body)).build());
    }

    /** The messages of the session's own stream, as they come. */
    Iterator<String> listen(String... headers) throws IOException, InterruptedException {
        return messages(request(headers).GET().timeout(Duration.ofSeconds(60)).build());
    }

    private Iterator<String> messages(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> line.substring(6))
                .iterator();
    }

    Answer delete() throws IOException, InterruptedException {
        return answer(http.send(request().DELETE().build(), BodyHandlers.ofString()));
    }

    /** Opens a legacy session, which later requests are in. */
    Answer initialize() throws IOException, InterruptedException {
        Answer answer = post("""
                {"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25",\
                "capabilities":{"elicitation":{},"sampling":{}},"clientInfo":{"name":"agent","version":"1"}}}""");
        session = answer.session();
        if (!session.isEmpty()) {
            post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
        }
        return answer;
    }

    /** As another client that has the session's id. */
    void use(String sessionId) {
        session = sessionId;
    }

    Answer call(String tool) throws IOException, InterruptedException {
        return post(legacyCall(1, tool));
    }

    static String legacyCall(Object id, String tool) {
        return """
                {"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"%s","arguments":{}}}""".formatted(id, tool);
    }

    /** A modern request whose headers agree with it. */
    Answer modern(String method, String name, String params) throws IOException, InterruptedException {
        return post(modernBody(method, params), modernHeaders(method, name));
    }

    Answer modernCall(String tool, String more) throws IOException, InterruptedException {
        return modern("tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":{}" + more);
    }

    static String modernBody(String method, String params) {
        return """
                {"jsonrpc":"2.0","id":1,"method":"%s","params":{%s%s}}""".formatted(method, params.isEmpty() ? "" : params + ",", META);
    }

    static String[] modernHeaders(String method, String name) {
        return name.isEmpty()
                ? new String[] {"MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method}
                : new String[] {"MCP-Protocol-Version", "2026-07-28", "Mcp-Method", method, "Mcp-Name", name};
    }
}
