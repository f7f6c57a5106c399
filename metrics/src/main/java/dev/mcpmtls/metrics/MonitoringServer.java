// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import dev.mcpmtls.identity.IpAddress;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain HTTP for probes and Prometheus, without authentication: meant for loopback or a network that only monitoring reaches.
 *
 * <ul>
 *   <li>{@code /health/live}: 200 while the process answers.
 *   <li>{@code /health/ready}: 200 while it can do its work ({@code ok} or {@code degraded}), else 503 ({@code failing}); the
 *       body is a JSON object with every check.
 *   <li>{@code /metrics}: Prometheus text.
 * </ul>
 */
public final class MonitoringServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MonitoringServer.class);
    private static final Duration BIND = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(90); // Prometheus asks every minute by default
    private static final int MOST_CONNECTIONS = 64;
    private static final int MOST_WITH_VIEWERS = 192; // 20 of six connections each
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(?::[0-9]{1,5})?");

    private final Vertx vertx;
    private final HttpServer server;

    private MonitoringServer(Vertx vertx, HttpServer server) {
        this.vertx = vertx;
        this.server = server;
    }

    /**
     * Starts to listen. A request's {@code Host} must be an IP address, {@code localhost} or the configured name. Others get 421, so that
     * a web page whose name was pointed here (DNS rebinding) reads nothing.
     *
     * @param address port 0 takes any free one
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static MonitoringServer start(InetSocketAddress address, Health health, Metrics metrics) {
        return start(address, Set.of(), health, metrics);
    }

    /**
     * As {@link #start(InetSocketAddress, Health, Metrics)}, for probes that use other names as well.
     *
     * @param names hosts without ports, in addition
     */
    public static MonitoringServer start(InetSocketAddress address, Set<String> names, Health health, Metrics metrics) {
        return start(address, names, health, metrics, request -> false, MOST_CONNECTIONS);
    }

    /**
     * As {@link #start(InetSocketAddress, Set, Health, Metrics)}, with other answers, for viewers that stay connected.
     *
     * @param others answers a request whose {@code Host} was checked, or returns false; on the event loop
     */
    public static MonitoringServer start(
            InetSocketAddress address,
            Set<String> names,
            Health health,
            Metrics metrics,
            Predicate<HttpServerRequest> others) {
        return start(address, names, health, metrics, others, MOST_WITH_VIEWERS);
    }

    private static MonitoringServer start(
            InetSocketAddress address,
            Set<String> names,
            Health health,
            Metrics metrics,
            Predicate<HttpServerRequest> others,
            int mostConnections) {
        Set<String> hosts = new HashSet<>(Set.of("localhost", lowerCase(address.getHostString())));
        names.forEach(name -> hosts.add(lowerCase(name)));
        if (address.getAddress() == null || !address.getAddress().isLoopbackAddress()) {
            LOG.warn("every client that reaches {} can read health and metrics", address);
        }
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // no directory for temporary files: the system may be read-only
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        HttpServer server = vertx.createHttpServer(
                        new HttpServerOptions().setHttp2ClearTextEnabled(false).setIdleTimeout((int) IDLE.toSeconds()))
                .connectionHandler(new Eldest(mostConnections)::admit)
                .requestHandler(request -> answer(request, hosts, others, health, metrics));
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

    /** The open connections; one too many closes the oldest. Used on the only event loop. */
    private static final class Eldest {

        private final Set<HttpConnection> open = new LinkedHashSet<>();
        private final int most;

        private Eldest(int most) {
            this.most = most;
        }

        void admit(HttpConnection connection) {
            StrictHeads.check(connection);
            open.add(connection);
            connection.closeHandler(closed -> open.remove(connection));
            if (open.size() > most) {
                HttpConnection eldest = open.iterator().next();
                open.remove(eldest);
                var unused = eldest.close();
            }
        }
    }

    /** The listening port. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static void answer(
            HttpServerRequest request,
            Set<String> hosts,
            Predicate<HttpServerRequest> others,
            Health health,
            Metrics metrics) {
        HttpServerResponse response = request.response().putHeader("cache-control", "no-store");
        if (!isForUs(request, hosts)) {
            response.setStatusCode(421).end();
            return;
        }
        if (others.test(request)) {
            return;
        }
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

    /** An HTTP/1.0 probe may name no host; browsers always do. */
    private static boolean isForUs(HttpServerRequest request, Set<String> hosts) {
        List<String> named = request.headers().getAll("host");
        if (!request.uri().startsWith("/") || named.size() > 1) {
            return false;
        }
        if (named.isEmpty()) {
            return request.version() == HttpVersion.HTTP_1_0;
        }
        Matcher host = HOST.matcher(lowerCase(named.get(0)));
        return host.matches() && (isAddress(host.group(1)) || hosts.contains(host.group(1)));
    }

    /** IPv4 in its usual form, or IPv6 in brackets: neither needs a name server. */
    private static boolean isAddress(String host) {
        return host.startsWith("[")
                ? host.contains(":")
                        && IpAddress.of(host.substring(1, host.length() - 1)).isPresent()
                : IpAddress.of(host).isPresent();
    }

    private static String lowerCase(String host) {
        return host.toLowerCase(Locale.ROOT);
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
