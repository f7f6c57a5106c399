// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.prepare;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.probe.PlainTls;
import dev.mcpmtls.transport.client.Era;
import dev.mcpmtls.trust.TrustAnchors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Calls echo over HTTP/1.1 with Java's own client, as plainly as most clients do; for {@link PrepareCommand}. */
final class Http1Caller {

    private static final String TEXT = "as long as what tools are usually asked ".repeat(5);

    /** As much as is read and answered on the event loop, and more than the system's buffers take in. */
    private static final List<String> LONG_TEXTS = List.of(TEXT.repeat(300), TEXT.repeat(1500));

    private static final int LONG_EVERY = 50;
    private static final String MODERN_META = """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
            "io.modelcontextprotocol/clientInfo":{"name":"prepare","version":"1"},\
            "io.modelcontextprotocol/clientCapabilities":{}}""";

    private final URI url;
    private final HttpClient http;

    /** A caller with connections and TLS sessions of its own. */
    Http1Caller(URI url, Path credential) {
        this.url = url;
        PlainTls tls = new PlainTls(
                TrustAnchors.load(credential.resolve(TrustAnchors.FILE)), Optional.of(Credential.load(credential)));
        this.http = tls.secure(HttpClient.newBuilder())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** Calls so often, one call after the other; in the legacy era in one session. Now and then a text is long. */
    void call(Era era, int calls) {
        boolean modern = era == Era.MODERN;
        String session = modern ? "" : open();
        for (int call = 1; call <= calls; call++) {
            HttpRequest.Builder request = request(echo(call, modern));
            send(
                    modern
                            ? request.headers(
                                    "MCP-Protocol-Version",
                                    "2026-07-28",
                                    "Mcp-Method",
                                    "tools/call",
                                    "Mcp-Name",
                                    "echo")
                            : request.headers("MCP-Protocol-Version", "2025-11-25", "Mcp-Session-Id", session));
        }
    }

    private static String echo(int call, boolean modern) {
        String text = call % LONG_EVERY == 0 ? LONG_TEXTS.get(call / LONG_EVERY % LONG_TEXTS.size()) : TEXT;
        String params = "{\"name\":\"echo\",\"arguments\":{\"text\":\"" + text + "\"}"
                + (modern ? "," + MODERN_META : "") + "}";
        return "{\"jsonrpc\":\"2.0\",\"id\":" + call + ",\"method\":\"tools/call\",\"params\":" + params + "}";
    }

    private String open() {
        HttpResponse<String> opened = send(request("""
                {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",\
                "capabilities":{},"clientInfo":{"name":"prepare","version":"1"}}}"""));
        return opened.headers().firstValue("Mcp-Session-Id").orElse("");
    }

    private HttpRequest.Builder request(String body) {
        return HttpRequest.newBuilder(url)
                .headers("Content-Type", "application/json", "Accept", "application/json, text/event-stream")
                .POST(BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }
}
