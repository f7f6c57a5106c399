// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.netty.VertxTls;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerBuilder;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that answers what a test scripts; 418 to everything at first. */
final class ScriptedServer implements AutoCloseable {

    private static final Vertx VERTX = Vertx.vertx();

    private final HttpServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Handler<HttpServerRequest> script =
            request -> request.response().setStatusCode(418).end("a teapot");

    ScriptedServer(TlsProfile profile) {
        this(VertxTls.secure(builder(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1), profile));
    }

    private ScriptedServer(HttpServerBuilder builder) {
        server = builder.build();
        server.requestHandler(request -> {
            requests.add(request.method() + " " + request.path());
            script.handle(request);
        });
        server.listen().await();
    }

    private static HttpServerBuilder builder(HttpVersion... versions) {
        return VERTX.httpServerBuilder()
                .with(new HttpServerConfig().setHost("0.0.0.0").setPort(0).setVersions(versions));
    }

    /** Without TLS. */
    static ScriptedServer plain() {
        return new ScriptedServer(builder(HttpVersion.HTTP_1_1));
    }

    /** Over HTTP/1.1 only. */
    static ScriptedServer http1(TlsProfile profile) {
        return new ScriptedServer(VertxTls.secure(builder(HttpVersion.HTTP_1_1), profile));
    }

    void answer(Handler<HttpServerRequest> next) {
        script = next;
    }

    List<String> requests() {
        return requests;
    }

    int port() {
        return server.actualPort();
    }

    URI uri() {
        return URI.create("https://localhost:" + port() + "/mcp");
    }

    @Override
    public void close() {
        server.close().await();
    }
}
