// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.netty.TlsConnection;
import dev.mcpmtls.transport.netty.VertxTls;
import dev.mcpmtls.transport.server.call.RecordBatches;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.Http2ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocketServerConfig;
import io.vertx.core.net.TcpOption;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The listening socket and its connections, spread over one event loop for each processor but one. Several servers may share it, each
 * with a path of its own.
 */
public final class Listener {

    // Left to the audit log's thread, handlers on workers, the collector and the compilers. Loops that take turns with
    // them on one processor find less to do at a time, and each call costs more.
    private static final int SPARED = 1;

    private static final long SWEEP_MILLIS = 250;
    private static final Duration AFTER_SWEEPS = Duration.ofSeconds(1);
    private static final int SOCKET_BUFFER = 128 * 1024;
    private static final Duration START = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final TlsProfile tls;
    private final InetSocketAddress at;
    private final Limits limits;
    private final HttpRequestHandler first;
    private final Map<String, HttpRequestHandler> handlers = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private final Quota connections;
    private final UnreadOutput unread;
    private final Http1ServerConfig http1;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private volatile boolean draining;
    private @Nullable CompletableFuture<Void> ending;

    /**
     * A listener that does not listen yet.
     *
     * @param first answers requests of its path, and those of no server's path
     * @param nanoTime the time, as of {@link System#nanoTime()}
     */
    public Listener(
            Vertx vertx,
            TlsProfile tls,
            InetSocketAddress at,
            Limits limits,
            HttpRequestHandler first,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.tls = tls;
        this.at = at;
        this.limits = limits;
        this.first = first;
        first.paths().forEach(path -> handlers.put(path, first));
        this.nanoTime = nanoTime;
        this.connections = new Quota(limits.connections(), limits.connectionsPerIdentity());
        this.unread = new UnreadOutput(limits);
        // Eight chunks are kept of a request that is sent before the one before it is answered.
        this.http1 = new Http1ServerConfig()
                .setMaxHeaderSize(limits.maxHeaders())
                .setMaxInitialLineLength(4096)
                .setMaxChunkSize(2048);
    }

    /**
     * Listens.
     *
     * @return the port, which the system chose if it was asked to
     * @throws CannotListenException when the address cannot be had
     */
    public int start() {
        int loops = Math.max(1, Runtime.getRuntime().availableProcessors() - SPARED);
        Future<String> started = vertx.deployVerticle(Loop::new, new DeploymentOptions().setInstances(loops));
        try {
            started.toCompletionStage().toCompletableFuture().get(START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw cannotListen(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw cannotListen(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cannotListen(e);
        }
        return servers.get(0).actualPort();
    }

    private CannotListenException cannotListen(Throwable cause) {
        String address = at.getHostString() + ":" + at.getPort();
        String why = String.valueOf(cause.getMessage()).contains("in use")
                ? "another program listens there; stop it or choose another port (0 lets the system choose)"
                : cause.getMessage() + "; check the address and that this user may listen on that port";
        return new CannotListenException("cannot listen on " + address + ": " + why, cause);
    }

    /**
     * Lets a server answer for its paths.
     *
     * @throws CannotListenException when another has that path
     */
    public void add(HttpRequestHandler handler) {
        for (String path : handler.paths()) {
            if (handlers.putIfAbsent(path, handler) != null) {
                remove(handler);
                throw new CannotListenException(
                        "cannot serve at " + path + ": another server is at this path of this address", null);
            }
        }
    }

    /** Takes a server's paths away: they are answered like that of no server. */
    public void remove(HttpRequestHandler handler) {
        handler.paths().forEach(path -> handlers.remove(path, handler));
    }

    public int openConnections() {
        return (int) connections.sum();
    }

    public UnreadOutput unread() {
        return unread;
    }

    /** Completes when each event loop that serves has taken its turn: none of them is blocked. */
    public CompletableFuture<Void> pulse() {
        return CompletableFuture.allOf(loops.stream()
                .map(loop -> {
                    CompletableFuture<Void> turn = new CompletableFuture<>();
                    loop.run(() -> turn.complete(null));
                    return turn;
                })
                .toArray(CompletableFuture<?>[]::new));
    }

    /**
     * Continues to serve, and makes clients connect again. Connections of HTTP/1.1 close after their next answer, and those of HTTP/2 take
     * no new streams (RFC 9112, section 9.6; RFC 9113, section 6.8).
     */
    public void drain() {
        draining = true;
        loops.forEach(loop -> loop.run(loop::sayGoodbye));
    }

    /** Once for all servers: stops accepting, lets requests in progress finish for as long as that, then closes the rest. */
    public synchronized CompletableFuture<Void> shutdown(Duration grace) {
        if (ending == null) {
            List<Future<Void>> all = new ArrayList<>();
            servers.forEach(server -> all.add(server.shutdown(grace)));
            ending = Future.join(all).<Void>mapEmpty().toCompletionStage().toCompletableFuture();
        }
        return ending;
    }

    /** One event loop's share of the connections. */
    private final class Loop extends AbstractVerticle {

        private final Map<HttpConnection, Connection> open = new HashMap<>();
        private final IdentityHashMap<HttpRequestHandler, RecordBatches> batches = new IdentityHashMap<>(2);

        @Override
        public void start(Promise<Void> started) {
            loops.add(this);
            HttpServer server = VertxTls.secure(vertx.httpServerBuilder().with(http()), tls)
                    .withConnectHandler(http -> accept(http))
                    .build();
            server.requestHandler(request -> dispatch(request, this::handle));
            server.invalidRequestHandler(request -> dispatch(request, first::handleInvalid));
            vertx.setPeriodic(SWEEP_MILLIS, tick -> sweep());
            // A negative port makes all loops of this listener share one port of the system's choice.
            int port = at.getPort() == 0 ? -1 : at.getPort();
            server.listen(port, at.getHostString())
                    .onSuccess(servers::add)
                    .<Void>mapEmpty()
                    .onComplete(started);
        }

        private void accept(HttpConnection http) {
            Optional<TlsConnection> secured = TlsConnection.of(http);
            if (secured.isEmpty()) {
                http.close();
                return;
            }
            if (http.protocolVersion() != HttpVersion.HTTP_2) {
                StrictRequestDecoder.takeOver(http, http1);
                secured.get().answerBeforeClosure();
            } else {
                MalformedStreams.watch(http);
            }
            Connection connection = new Connection(secured.get(), http.protocolVersion(), limits, unread, nanoTime);
            if (connections.take(connection.owner()) != Quota.Place.TAKEN) {
                http.close();
                return;
            }
            open.put(http, connection);
            http.closeHandler(closed -> {
                open.remove(http);
                connections.give(connection.owner());
            });
            // HTTP/2's codec resets a stream, or says goodbye to the connection, with the error's own code.
            http.exceptionHandler(failure -> {
                if (http.protocolVersion() != HttpVersion.HTTP_2) {
                    http.close();
                }
            });
        }

        private void dispatch(HttpServerRequest request, BiConsumer<Connection, HttpServerRequest> next) {
            Connection connection = open.get(request.connection());
            if (connection == null || !connection.stands()) {
                request.connection().close();
                return;
            }
            if (connection.isEnding() || connection.isHeedless()) {
                // Not read from, and closed by one of the next sweeps.
                request.pause();
            } else {
                next.accept(connection, request);
            }
        }

        private void run(Runnable task) {
            context.runOnContext(turn -> task.run());
        }

        /** Streams that are on their way to us are still served: only the GOAWAY of the shutdown names the last one. */
        @SuppressWarnings("deprecation") // shutdown() would drop them
        private void sayGoodbye() {
            open.keySet().stream()
                    .filter(http -> http.protocolVersion() == HttpVersion.HTTP_2)
                    .forEach(http -> http.goAway(0, Integer.MAX_VALUE));
        }

        private void handle(Connection connection, HttpServerRequest request) {
            if (draining && request.version() != HttpVersion.HTTP_2) {
                connection.endWithThisAnswer();
            }
            String path = request.path();
            HttpRequestHandler handler = path == null ? first : handlers.getOrDefault(path, first);
            handler.handle(connection, batchesOf(handler), request);
        }

        private RecordBatches batchesOf(HttpRequestHandler handler) {
            return batches.computeIfAbsent(handler, added -> new RecordBatches(context, added.records(), nanoTime));
        }

        private void sweep() {
            long now = nanoTime.getAsLong();
            List.copyOf(open.values()).forEach(connection -> connection.sweep(now));
        }
    }

    private HttpServerConfig http() {
        Http2ServerConfig http2 = new Http2ServerConfig()
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(limits.streamsPerConnection())
                        .setMaxHeaderListSize(limits.maxHeaders())
                        .setPushEnabled(false))
                .setRstFloodMaxRstFramePerWindow(limits.streamsPerConnection() * 2)
                .setRstFloodWindowDuration(Duration.ofSeconds(30))
                .setMaxSmallContinuationFrames(16);
        HttpServerConfig http = new HttpServerConfig();
        // Data that the kernel holds for a client that reads nothing is memory too, and hides that it reads nothing.
        // Only the kernel knows of it, and closes the connection (RFC 5482; Linux). Its timeout is longer, so that
        // the sweeps first close and count the connections that they can.
        long systemPatience = limits.writeTimeout().plus(AFTER_SWEEPS).toMillis();
        http.getTcpConfig()
                .getTransportConfig()
                .setSendBufferSize(SOCKET_BUFFER)
                .setReceiveBufferSize(SOCKET_BUFFER)
                .setOption(TcpOption.USER_TIMEOUT, (int) Math.min(systemPatience, Integer.MAX_VALUE));
        // HTTP/1.0 only to say in words that it is not spoken.
        // Every response is written on its event loop, so HTTP/1.1 needs none of Vert.x's queues between threads.
        return http.setStrictThreadMode(true)
                .setVersions(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
                .setHandle100ContinueAutomatically(false)
                .setWebSocketConfig(new WebSocketServerConfig()
                        .setUsePerFrameCompression(false)
                        .setUsePerMessageCompression(false))
                .setHttp1Config(http1)
                .setHttp2Config(http2);
    }
}
