// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.tls.TlsProfile;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LongListIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final Vertx vertx = Vertx.vertx();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void close() {
        fleet.close();
        vertx.close().await();
    }

    @Test
    void readsEveryPageOfAListOfTools() {
        try (ToolServer server = withPages(20)) {
            assertThat(server.tools().join()).hasSize(20);
        }
    }

    @Test
    void givesUpOnAListOfToolsThatHasNoEnd() {
        try (ToolServer server = withPages(Integer.MAX_VALUE)) {
            assertThat(server.tools())
                    .failsWithin(TIMEOUT.multipliedBy(5))
                    .withThrowableThat()
                    .withStackTraceContaining("TimeoutException");
        }
    }

    private ToolServer withPages(int pages) {
        TlsProfile ours = fleet.profile("long", Fleet.CA.server("long"), Fleet.CA);
        HttpServer http = ours.secure(vertx.httpServerBuilder()
                        .with(new HttpServerConfig()
                                .setHost("127.0.0.1")
                                .setPort(0)
                                .setVersions(HttpVersion.HTTP_1_1)))
                .build();
        AtomicInteger asked = new AtomicInteger();
        http.requestHandler(request -> request.body()
                .onSuccess(body -> answer(request, body.toJsonObject(), asked.incrementAndGet() - 1 < pages)));
        http.listen().await();
        URI uri = URI.create("https://localhost:" + http.actualPort() + "/mcp");
        return new McpToolServer(
                "long",
                () -> MtlsClientTransport.builder(uri)
                        .tls(fleet.profile("coordinator", Fleet.CA.client("coordinator"), Fleet.CA))
                        .withoutNotifications()
                        .build(),
                TIMEOUT);
    }

    private static void answer(HttpServerRequest request, JsonObject message, boolean more) {
        boolean lists = message.getString("method").equals("tools/list");
        String result = lists
                ? "\"tools\":[{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\"}}]"
                        + (more ? ",\"nextCursor\":\"next\"" : "")
                : "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}";
        request.response()
                .putHeader("Content-Type", "application/json")
                .end("{\"jsonrpc\":\"2.0\",\"id\":\"" + message.getString("id")
                        + "\",\"result\":{\"resultType\":\"complete\"," + result + "}}");
    }
}
