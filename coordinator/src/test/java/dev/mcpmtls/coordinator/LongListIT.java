// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.netty.VertxTls;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LongListIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final Vertx vertx = Vertx.vertx();
    private final Fleet fleet = new Fleet();
    private Duration delay = Duration.ZERO;
    private String description = "";

    @AfterEach
    void close() {
        fleet.close();
        vertx.close().await();
    }

    @Test
    void readsEveryPageOfAListOfTools() {
        try (ToolServer server = withPages(page -> page < 20 ? "page " + page : "", TIMEOUT)) {
            assertThat(server.tools().join()).hasSize(20);
        }
    }

    @Test
    void givesUpOnAListOfToolsThatHasNoEnd() {
        assertThatTheListFails("has more than 100 pages", Duration.ofMinutes(1), page -> "page " + page);
    }

    @Test
    void givesUpOnAListOfToolsThatRepeatsItself() {
        assertThatTheListFails("comes back to the cursor 'next'", TIMEOUT, page -> "next");
    }

    @Test
    void givesUpOnAListOfToolsWhosePagesTogetherAreLargerThanAMessageMayBe() {
        description = "x".repeat(4 * 1024 * 1024);
        try (ToolServer server = withPages(page -> page < 3 ? "page " + page : "", TIMEOUT.multipliedBy(10))) {
            assertThat(server.tools().join()).hasSize(3);
        }
        assertThatTheListFails("has more than 16777216 characters", Duration.ofMinutes(1), page -> "page " + page);
    }

    @Test
    void givesUpOnAListOfToolsThatTakesTooLong() {
        delay = TIMEOUT.dividedBy(10);
        assertThatTheListFails("no end of its list of tools within PT3S", TIMEOUT, page -> "page " + page);
    }

    private void assertThatTheListFails(String why, Duration limit, IntFunction<String> cursors) {
        try (ToolServer server = withPages(cursors, limit)) {
            assertThat(server.tools())
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableThat()
                    .withStackTraceContaining(why);
        }
    }

    private ToolServer withPages(IntFunction<String> cursors, Duration limit) {
        TlsProfile ours = fleet.profile("long", Fleet.CA.server("long"), Fleet.CA);
        HttpServer http = VertxTls.secure(
                        vertx.httpServerBuilder()
                                .with(new HttpServerConfig()
                                        .setHost("127.0.0.1")
                                        .setPort(0)
                                        .setVersions(HttpVersion.HTTP_1_1)),
                        ours)
                .build();
        AtomicInteger asked = new AtomicInteger();
        http.requestHandler(request -> request.body()
                .compose(body ->
                        vertx.timer(1 + delay.toMillis(), TimeUnit.MILLISECONDS).map(body))
                .onSuccess(body -> answer(
                        request, body.toJsonObject(), description, () -> cursors.apply(asked.incrementAndGet()))));
        http.listen().await();
        URI uri = URI.create("https://localhost:" + http.actualPort() + "/mcp");
        return new McpToolServer(
                "long",
                () -> MtlsClientTransport.builder(uri)
                        .tls(fleet.profile("coordinator", Fleet.CA.client("coordinator"), Fleet.CA))
                        .withoutNotifications()
                        .build(),
                limit);
    }

    private static void answer(
            HttpServerRequest request, JsonObject message, String description, Supplier<String> cursor) {
        boolean lists = message.getString("method").equals("tools/list");
        String result = lists
                ? "\"tools\":[{\"name\":\"t\",\"description\":\"" + description
                        + "\",\"inputSchema\":{\"type\":\"object\"}}],\"nextCursor\":\""
                        + cursor.get() + "\""
                : "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}";
        request.response()
                .putHeader("Content-Type", "application/json")
                .end("{\"jsonrpc\":\"2.0\",\"id\":\"" + message.getString("id")
                        + "\",\"result\":{\"resultType\":\"complete\"," + result + "}}");
    }
}
