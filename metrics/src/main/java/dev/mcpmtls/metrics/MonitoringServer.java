// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain HTTP for probes and Prometheus, without authentication: meant for loopback or a network that only monitoring reaches.
 *
 * <ul>
 *   <li>{@code /health/live}: 200 while the process answers at all.
 *   <li>{@code /health/ready}: 200 while it can do its work ({@code ok} or {@code degraded}), else 503 ({@code failing}); the
 *       body is a JSON object with every check.
 *   <li>{@code /metrics}: Prometheus text.
 * </ul>
 */
public final class MonitoringServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MonitoringServer.class);
    private static final Duration BIND = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(90); // Prometheus asks every minute when not told otherwise
    private static final int MOST_CONNECTIONS = 64;

    private final Vertx vertx;
    private final HttpServer server;

    private MonitoringServer(Vertx vertx, HttpServer server) {
        this.vertx = vertx;
        this.server = server;
    }

    /**
     * Listens.
     *
     * @param address port 0 takes any free one
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static MonitoringServer start(InetSocketAddress address, Health health, Metrics metrics) {
        if (address.getAddress() == null || !address.getAddress().isLoopbackAddress()) {
            LOG.warn("health and metrics are readable by everybody who can reach {}", address);
        }
        Vertx vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(1));
        HttpServer server = vertx.createHttpServer(
                        new HttpServerOptions().setHttp2ClearTextEnabled(false).setIdleTimeout((int) IDLE.toSeconds()))
                .connectionHandler(new Eldest()::admit)
                .requestHandler(request -> answer(request, health, metrics));
        try {
            server.listen(address.getPort(), address.getHostString())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(BIND.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            vertx.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new UncheckedIOException(new IOException(
                    "health and metrics cannot listen on " + address + ": " + cause.getMessage(), cause));
        }
        return new MonitoringServer(vertx, server);
    }

    /** Whoever holds connections and asks nothing loses them to whoever comes. On the event loop, of which there is one. */
    private static final class Eldest {

        private final Set<HttpConnection> open = new LinkedHashSet<>();

        void admit(HttpConnection connection) {
            open.add(connection);
            connection.closeHandler(closed -> open.remove(connection));
            if (open.size() > MOST_CONNECTIONS) {
                HttpConnection eldest = open.iterator().next();
                open.remove(eldest);
                var unused = eldest.close();
            }
        }
    }

    /** The port that is listened on. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static void answer(HttpServerRequest request, Health health, Metrics metrics) {
        HttpServerResponse response = request.response().putHeader("cache-control", "no-store");
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            response.setStatusCode(405).putHeader("allow", "GET, HEAD").end();
            return;
        }
        switch (String.valueOf(request.path())) {
            case "/health/live" -> json(response, 200, new JsonObject().put("status", "ok"));
            case "/health/ready" -> ready(response, health.checks());
            case "/metrics" ->
                response.putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.scrape());
            default -> response.setStatusCode(404).end();
        }
    }

    private static void ready(HttpServerResponse response, List<Health.Check> checks) {
        Health.Status worst = Health.worst(checks);
        JsonArray list = new JsonArray();
        checks.forEach(check -> list.add(json(check)));
        JsonObject body = new JsonObject().put("status", text(worst)).put("checks", list);
        json(response, worst == Health.Status.FAILING ? 503 : 200, body);
    }

    private static JsonObject json(Health.Check check) {
        JsonObject json = new JsonObject()
                .put("name", check.name())
                .put("status", text(check.status()))
                .put("detail", check.detail());
        check.left().ifPresent(left -> json.put("daysLeft", Math.round(left.toMinutes() / 14.4) / 100.0));
        return json;
    }

    private static void json(HttpServerResponse response, int status, JsonObject body) {
        response.setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.encode());
    }

    private static String text(Health.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
