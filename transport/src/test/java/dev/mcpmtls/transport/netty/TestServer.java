// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.tls.TlsProfile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A server that answers each request with its peer's subject, and keeps the events. */
final class TestServer implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    final List<TlsConnection> connections = new CopyOnWriteArrayList<>();

    TestServer(TlsProfile profile) {
        HttpServerConfig config = new HttpServerConfig().setHost("0.0.0.0").setPort(0);
        config.setVersions(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1);
        server = profile.secure(vertx.httpServerBuilder().with(config)).build();
        server.requestHandler(this::answer);
        server.listen().await();
    }

    int port() {
        return server.actualPort();
    }

    private void answer(HttpServerRequest request) {
        TlsConnection connection = TlsConnection.of(request.connection()).orElseThrow();
        if (!connection.stands()) {
            return;
        }
        connections.add(connection);
        request.body()
                .compose(body -> Future.fromCompletionStage(connection.recorded()))
                .onSuccess(recorded -> request.response()
                        .end(connection.peer().chain().leaf().getSubjectX500Principal() + " over " + request.version()
                                + " "
                                + connection.facts().tls().orElseThrow() + " "
                                + connection.group().orElse("?") + "\n"));
    }

    @Override
    public void close() {
        vertx.close().await();
    }

    /** Keeps events for {@link #await}. */
    static final class Events implements AuditSink {

        private final BlockingQueue<AuditEvent> events = new LinkedBlockingQueue<>();

        @Override
        public CompletableFuture<Void> record(AuditEvent event) {
            events.add(event);
            return CompletableFuture.completedFuture(null);
        }

        /** The next event of a kind that matches; others before it are dropped. */
        <E extends AuditEvent> E await(Class<E> kind, Predicate<E> matching) throws InterruptedException {
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (true) {
                AuditEvent event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    throw new AssertionError("no such " + kind.getSimpleName());
                }
                if (kind.isInstance(event) && matching.test(kind.cast(event))) {
                    return kind.cast(event);
                }
            }
        }

        void assertNone(Class<? extends AuditEvent> kind) {
            assertThat(events).noneMatch(kind::isInstance);
        }

        <E extends AuditEvent> E await(Class<E> kind) throws InterruptedException {
            return await(kind, any -> true);
        }
    }
}
