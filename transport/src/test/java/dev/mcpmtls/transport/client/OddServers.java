// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.netty.Pki;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** A server that answers as the test says, and a client of it. */
abstract class OddServers {

    static final String TOOLS = """
            {"jsonrpc":"2.0","id":"%s","result":{"tools":[{"name":"t","inputSchema":{"type":"object"}}]}}""";

    final Pki pki = new Pki("Test Root");
    final TlsProfile profile = TlsProfile.builder(
                    CredentialSource.fixed(pki.issue("both")),
                    new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system()))
            .build();
    ScriptedServer server = new ScriptedServer(profile);
    final AtomicInteger probes = new AtomicInteger();
    final AtomicInteger initialized = new AtomicInteger();
    volatile String lastId = "";

    @AfterEach
    void stopServer() {
        server.close();
    }

    /** A modern server that refuses its first requests, naming the version that it speaks. */
    Handler<HttpServerRequest> modern(int refusals, String version) {
        return request -> request.body().onSuccess(body -> {
            lastId = body.toJsonObject().getString("id");
            if (probes.incrementAndGet() > refusals) {
                json(request, """
                        {"jsonrpc":"2.0","id":"%s","result":{"resultType":"complete","supportedVersions":["2026-07-28"],\
                        "capabilities":{"tools":{}}}}""");
            } else {
                request.response().setStatusCode(400);
                json(request, """
                        {"jsonrpc":"2.0","id":"%%s","error":{"code":-32022,"message":"Unsupported protocol version",\
                        "data":{"supported":["%s"],"requested":"2026-07-28"}}}""".formatted(version));
            }
        });
    }

    /** A modern server that leaves what comes after discovery to {@code rest}. */
    Handler<HttpServerRequest> modern(Handler<HttpServerRequest> rest) {
        Handler<HttpServerRequest> discovery = modern(0, "2026-07-28");
        return request -> {
            if ("server/discover".equals(request.getHeader("Mcp-Method"))) {
                discovery.handle(request);
            } else {
                request.body().onSuccess(body -> {
                    lastId = body.toJsonObject().getString("id");
                    rest.handle(request);
                });
            }
        };
    }

    /** A legacy server that leaves requests other than the handshake to {@code rest}. */
    Handler<HttpServerRequest> legacy(Handler<HttpServerRequest> rest) {
        return request -> {
            if (request.method() == HttpMethod.GET && request.getHeader("Last-Event-ID") == null) {
                request.response().setStatusCode(405).end();
            } else if (request.method() == HttpMethod.GET) {
                rest.handle(request);
            } else if (request.method() == HttpMethod.DELETE) {
                request.response().setStatusCode(200).end();
            } else {
                request.body().onSuccess(body -> answer(request, body.toJsonObject(), rest));
            }
        };
    }

    void answer(HttpServerRequest request, JsonObject message, Handler<HttpServerRequest> rest) {
        lastId = String.valueOf(message.getValue("id"));
        switch (message.getString("method")) {
            case "server/discover" -> {
                probes.incrementAndGet();
                request.response().setStatusCode(400).end("Session ID missing");
            }
            case "initialize" -> {
                request.response().putHeader("Mcp-Session-Id", "s" + initialized.incrementAndGet());
                json(request, """
                        {"jsonrpc":"2.0","id":"%s","result":{"protocolVersion":"2025-11-25",\
                        "capabilities":{"tools":{}},"serverInfo":{"name":"odd","version":"1"}}}""");
            }
            case "notifications/initialized" ->
                request.response().setStatusCode(202).end();
            default -> {
                assertThat(request.getHeader("Mcp-Session-Id")).isEqualTo("s" + initialized.get());
                assertThat(request.getHeader("MCP-Protocol-Version")).isEqualTo("2025-11-25");
                rest.handle(request);
            }
        }
    }

    void json(HttpServerRequest request, String message) {
        request.response().putHeader("Content-Type", "application/json").end(message.formatted(lastId));
    }

    McpSyncClient client(Era era) {
        return client(era, new EraCache());
    }

    McpSyncClient client(Era era, EraCache eras) {
        return McpClient.sync(MtlsClientTransport.builder(server.uri())
                        .tls(profile)
                        .era(era)
                        .eras(eras)
                        .maxMessageBytes(1_000_000)
                        .build())
                .requestTimeout(Duration.ofSeconds(10))
                .build();
    }
}
