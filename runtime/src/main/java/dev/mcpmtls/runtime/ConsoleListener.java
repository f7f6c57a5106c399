// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.console.web.Admission;
import dev.mcpmtls.console.web.ConsoleRequests;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.runtime.settings.ConsoleKeys;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.netty.TlsConnection;
import dev.mcpmtls.transport.netty.VertxTls;
import dev.mcpmtls.transport.server.http.HostNames;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.Peer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The console over mutual TLS and HTTP/1.1, for listed peers. A peer's verdict is asked for at each request, and a connection whose verdict
 * lapses is closed, an open stream included. Connections are bounded.
 */
final class ConsoleListener implements AutoCloseable {

    private static final Duration BIND = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(90);
    private static final int MOST_CONNECTIONS = 128;
    private static final int LONGEST_HEAD = 8 * 1024;

    private final ListenAddress at;
    private final TlsProfile profile;
    private final Vertx vertx;
    private final HttpServer server;

    private ConsoleListener(ListenAddress at, TlsProfile profile, Vertx vertx, HttpServer server) {
        this.at = at;
        this.profile = profile;
        this.vertx = vertx;
        this.server = server;
    }

    /** @throws SetupException when the address is taken */
    static ConsoleListener start(
            ListenAddress at, TlsProfile profile, List<NamePattern> peers, Function<Admission, ConsoleRequests> page) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // no directory for temporary files: the system may be read-only
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        ConsoleRequests requests = page.apply(request -> refusal(request.connection(), peers));
        HttpServerConfig config = new HttpServerConfig()
                .setVersions(HttpVersion.HTTP_1_1)
                .setIdleTimeout(IDLE)
                .setHttp1Config(new Http1ServerConfig()
                        .setMaxInitialLineLength(LONGEST_HEAD)
                        .setMaxHeaderSize(LONGEST_HEAD));
        HttpServer server = VertxTls.secure(vertx.httpServerBuilder().with(config), profile)
                .withConnectHandler(new Crowd()::entered)
                .build()
                .requestHandler(request -> answer(request, requests));
        try {
            server.listen(at.port(), at.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(BIND.toSeconds(), TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            vertx.close();
            throw ListenFailure.of("the console", at, ConsoleKeys.CONSOLE_LISTEN.path(), e);
        }
        return new ConsoleListener(at, profile, vertx, server);
    }

    /** The open connections, on the only event loop; one too many is closed. */
    private static final class Crowd {

        private int open;

        private void entered(HttpConnection connection) {
            open++;
            connection.closeHandler(closed -> open--);
            if (open > MOST_CONNECTIONS) {
                var unused = connection.close();
            }
        }
    }

    /** A connection whose peer was not accepted is not served at all; the page's own files are for accepted peers, too. */
    private static void answer(HttpServerRequest request, ConsoleRequests requests) {
        Optional<TlsConnection> connection = TlsConnection.of(request.connection());
        if (connection.isEmpty() || !connection.get().stands()) {
            var unused = request.connection().close();
        } else if (request.headers().getAll("host").size() != 1) {
            request.response().setStatusCode(400).end();
        } else if (!requests.answers(request)) {
            request.response().setStatusCode(404).end();
        }
    }

    private static Optional<Admission.Refusal> refusal(HttpConnection connection, List<NamePattern> peers) {
        return TlsConnection.of(connection)
                        .map(TlsConnection::peer)
                        .filter(peer -> isListed(peer, peers))
                        .isPresent()
                ? Optional.empty()
                : Optional.of(new Admission.Refusal(
                        403,
                        "PEER_NOT_LISTED",
                        "this certificate may not read the console",
                        "list its name in console.peers"));
    }

    /** As a permit of access rules: names count that something vouches for. */
    private static boolean isListed(Peer peer, List<NamePattern> peers) {
        Caller caller = Caller.of(peer);
        Stream<Identity> names = caller.assurance() == Assurance.VERIFIED ? caller.names().stream() : Stream.empty();
        return Stream.<Identity>concat(names, caller.pin().stream())
                .anyMatch(name -> peers.stream().anyMatch(pattern -> pattern.matches(name)));
    }

    /** For example {@code https://ops.example.com:9444}: under a name of the certificate, where it has one. */
    String uri() {
        List<String> named = HostNames.named(profile.credentials().current());
        InetAddress bound = new InetSocketAddress(at.host(), at.port()).getAddress();
        return "https://" + HostNames.inUrl(named, bound, at.host()) + ":" + server.actualPort();
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
