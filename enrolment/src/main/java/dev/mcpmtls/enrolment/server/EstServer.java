// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment.server;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.tls.reload.CredentialSource;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * An EST server (RFC 7030, RFC 8951) over TLS 1.3 and HTTP/1.1, and nothing else: {@code /.well-known/est/} with {@code cacerts},
 * {@code csrattrs}, {@code simpleenroll} and {@code simplereenroll}, and {@code /crl.pem}. A client certificate is optional, because a
 * machine that joins has none. Connections, requests and waits are bounded. Thread-safe.
 */
public final class EstServer implements AutoCloseable {

    private static final Duration BIND = Duration.ofSeconds(10);
    private static final int WORKERS = 4;
    private static final int LONGEST_LINE = 1024;
    private static final int MOST_HEADERS = 8 * 1024;

    private final Vertx vertx;
    private final HttpServer server;
    private final Parts parts;
    private final CredentialSource.Subscription credential;

    private EstServer(Vertx vertx, HttpServer server, Parts parts) {
        this.vertx = vertx;
        this.server = server;
        this.parts = parts;
        this.credential = parts.credential().onChange(this::reload);
    }

    /**
     * The parts that a server works with.
     *
     * @param credential presented to clients; followed when it changes
     * @param grace the time after its expiry for which a certificate can still be renewed
     * @param deadline the time for a connection to send a request, and for a request to arrive
     */
    public record Parts(
            Store store,
            Authority authority,
            CredentialSource credential,
            Duration grace,
            Duration deadline,
            AuditSink audit,
            InstantSource clock) {}

    /**
     * Starts to listen.
     *
     * @param address port 0 takes any free one
     * @throws UncheckedIOException when the address cannot be bound
     */
    public static EstServer start(InetSocketAddress address, Parts parts) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(1)
                // no directory for temporary files: the system may be read-only
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        EstOperations operations =
                new EstOperations(parts.store(), parts.authority(), parts.grace(), parts.audit(), parts.clock());
        EstRequests requests = new EstRequests(vertx, operations, parts.deadline(), new AttemptLimit(parts.clock()));
        HttpServerConfig config = new HttpServerConfig()
                .setVersions(HttpVersion.HTTP_1_1)
                .setHandle100ContinueAutomatically(true)
                .setIdleTimeout(parts.deadline().multipliedBy(3))
                .setHttp1Config(new Http1ServerConfig()
                        .setMaxInitialLineLength(LONGEST_LINE)
                        .setMaxHeaderSize(MOST_HEADERS));
        HttpServer server = vertx.httpServerBuilder()
                .with(config)
                .with(tls(parts))
                .with(new JdkSSLEngineOptions())
                .withConnectHandler(requests::connected)
                .build()
                .requestHandler(requests::handle)
                .invalidRequestHandler(requests::invalid);
        try {
            server.listen(address.getPort(), address.getHostString())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(BIND.toSeconds(), TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            vertx.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new UncheckedIOException(
                    new IOException("the authority cannot listen on " + address + ": " + cause.getMessage(), cause));
        }
        return new EstServer(vertx, server, parts);
    }

    /**
     * Has the next handshakes name the authority's certificates as they are now, so that clients choose the right one of theirs. Call
     * it after each change of authority; a change of the credential needs no call. Blocks while another process changes the store.
     *
     * @throws dev.mcpmtls.authority.AuthorityException when they cannot be read; the server continues as before
     */
    public void reload() {
        server.updateSSLOptions(tls(parts));
    }

    private static ServerSSLOptions tls(Parts parts) {
        ServerSSLOptions options = new ServerSSLOptions().setClientAuth(ClientAuth.REQUEST);
        options.setKeyCertOptions(KeyCertOptions.wrap(
                        new CredentialKeyManager(parts.credential().current())))
                .setTrustOptions(TrustOptions.wrap(
                        new PossessionTrustManager(parts.authority().enrolment().authorities())))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setUseAlpn(false)
                .setSslHandshakeTimeout(parts.deadline().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        return options;
    }

    /** The listening port. */
    public int port() {
        return server.actualPort();
    }

    /** Completes when the event loop has taken its turn, for a watchdog; never while it is blocked. */
    public CompletableFuture<Void> pulse() {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        vertx.runOnContext(none -> turn.complete(null));
        return turn;
    }

    /** Stops to listen, and closes all connections. */
    @Override
    public void close() {
        credential.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
