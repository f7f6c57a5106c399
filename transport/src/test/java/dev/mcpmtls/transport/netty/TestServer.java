// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.testkit.Arrivals;
import dev.mcpmtls.tls.TlsProfile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that answers each request with its peer's subject, and keeps the events. */
final class TestServer implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    final List<TlsConnection> connections = new CopyOnWriteArrayList<>();

    TestServer(TlsProfile profile) {
        HttpServerConfig config = new HttpServerConfig().setHost("0.0.0.0").setPort(0);
        config.setVersions(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1);
        server =
                VertxTls.secure(vertx.httpServerBuilder().with(config), profile).build();
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

    /** Keeps the events. */
    static final class Events extends Arrivals<AuditEvent> implements AuditSink {

        @Override
        public CompletableFuture<Void> record(AuditEvent event) {
            add(event);
            return CompletableFuture.completedFuture(null);
        }
    }
}
