// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.netty.Network;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.SdkBackend;
import dev.mcpmtls.transport.server.call.CallListener;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.http.CannotListenException;
import dev.mcpmtls.transport.server.http.HostNames;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * MCP over mutual TLS for the official SDK's server. Every caller has proved its identity before its first byte is read. One address
 * serves both eras of MCP: 2026-07-28, and 2025-11-25 back to 2025-03-26.
 *
 * <pre>{@code
 * MtlsServerTransport transport = MtlsServerTransport.builder()
 *         .listen("127.0.0.1", 8443)
 *         .tls(profile)
 *         .build();
 * McpSyncServer server = McpServer.sync(transport)
 *         .serverInfo("weather-mcp", "1.0")
 *         .immediateExecution(true)
 *         .tools(tools)
 *         .build();
 * transport.start();
 * }</pre>
 *
 * <p>Handlers run on workers unless {@link Builder#nonBlocking} says that they may run on an event loop. {@code
 * immediateExecution(true)} is therefore right for handlers that block, and saves the SDK's own, smaller pool. A handler learns its caller
 * with {@link Caller#from}. In the 2026-07-28 era, a handler that asks its client something (elicitation, sampling, roots) runs again from
 * its beginning when the answer arrives. Ask before anything that must not be done twice.
 */
// Over 400 lines, because half of them document the settings of the builder, which users look for in one place.
public final class MtlsServerTransport implements McpStreamableServerTransportProvider {

    private final Builder settings;
    private @Nullable Backend backend;
    private @Nullable Running running;

    private MtlsServerTransport(Builder settings) {
        this.settings = settings;
        this.backend = settings.backend;
    }

    /** Collects the settings; only {@link Builder#tls} has no default. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Listens and serves. To be called once, after the SDK's server was built on this transport.
     *
     * @throws CannotListenException when the address cannot be had
     * @throws IllegalStateException when no server was built on this transport, or it has been started before
     */
    public synchronized void start() {
        if (backend == null) {
            throw new IllegalStateException(
                    "build a server on this transport first: McpServer.sync(transport)….build()");
        }
        if (running != null) {
            throw new IllegalStateException("this transport has been started before; build a new one");
        }
        running = Running.start(settings, backend, settings.beside == null ? null : settings.beside.running());
    }

    /**
     * Where this transport listens.
     *
     * @throws IllegalStateException before {@link #start}
     */
    public InetSocketAddress address() {
        return running().address();
    }

    /**
     * The URL under which clients reach it; call after {@link #start}. Beyond loopback, clients accept only a host that the certificate
     * names. It is the address listened on if the certificate names it, else the first DNS name, else the first IP address.
     */
    public URI uri() {
        InetSocketAddress address = address();
        String host = HostNames.inUrl(named(), address.getAddress(), settings.host);
        return URI.create("https://" + host + ":" + address.getPort() + settings.path);
    }

    /** Whether the certificate in use names no host beyond loopback, or none at all, so that clients on other machines refuse it. */
    public boolean namesOnlyLoopback() {
        return HostNames.LOOPBACK.containsAll(named());
    }

    private List<String> named() {
        return HostNames.named(
                Objects.requireNonNull(settings.tls).credentials().current());
    }

    /** How many connections of accepted peers are open. */
    public int openConnections() {
        Running now = started();
        return now == null ? 0 : now.openConnections();
    }

    /** How many legacy sessions are open. */
    public int openSessions() {
        Running now = started();
        return now == null ? 0 : now.openSessions();
    }

    /** Completes when each event loop of this server has taken a turn, for a watchdog; never while one is blocked. */
    public CompletableFuture<Void> pulse() {
        Running now = started();
        return now == null ? CompletableFuture.completedFuture(null) : now.pulse();
    }

    /** The current cost of this server's callers. */
    public Load load() {
        Running now = started();
        return now == null ? Load.NONE : now.load();
    }

    /**
     * Serves on and asks clients to connect again, on both versions of HTTP, so that {@link #shutdown} later cuts none of their calls off.
     * For a server behind a balancer that sends new connections elsewhere by then. Returns at once.
     */
    public void drain() {
        Running now = started();
        if (now != null) {
            now.drain();
        }
    }

    /**
     * Stops accepting, ends event streams, lets requests in progress finish for as long as {@code grace}, and then closes the rest.
     *
     * @return completes when everything is closed
     */
    public synchronized CompletableFuture<Void> shutdown(Duration grace) {
        return running == null ? CompletableFuture.completedFuture(null) : running.shutdown(grace);
    }

    @Override
    public synchronized void setSessionFactory(McpStreamableServerSession.Factory factory) {
        if (settings.backend != null) {
            throw new IllegalStateException("this transport has its backend already");
        }
        backend = new SdkBackend(factory);
    }

    @Override
    public List<String> protocolVersions() {
        return Revision.legacy();
    }

    @Override
    public Mono<Void> notifyClients(String method, @Nullable Object params) {
        if (backend() instanceof SdkBackend changed && method.equals("notifications/tools/list_changed")) {
            changed.toolsChanged();
        }
        Running now = started();
        return now == null ? Mono.empty() : now.tellAll(method, params);
    }

    private synchronized @Nullable Backend backend() {
        return backend;
    }

    @Override
    public Mono<Void> notifyClient(String sessionId, String method, Object params) {
        Running now = started();
        return now == null ? Mono.empty() : now.tell(sessionId, method, params);
    }

    /** As {@link #shutdown} with the grace of the settings. */
    @Override
    public Mono<Void> closeGracefully() {
        return Mono.fromFuture(() -> shutdown(settings.grace));
    }

    /** Closes at once. */
    @Override
    public void close() {
        var unused = shutdown(Duration.ZERO);
    }

    private synchronized @Nullable Running started() {
        return running;
    }

    private Running running() {
        Running now = started();
        if (now == null) {
            throw new IllegalStateException("this transport has not been started");
        }
        return now;
    }

    /** The settings of a transport. Not thread-safe. */
    public static final class Builder {

        String host = "127.0.0.1";
        int port;
        String path = "/mcp";

        @Nullable
        TlsProfile tls;

        AccessPolicy policy = AccessPolicy.everyAcceptedPeer();

        @Nullable
        String name;

        @Nullable
        AccessTokens tokens;

        @Nullable
        AuditSink audit;

        @Nullable
        Backend backend;

        Predicate<Call> nonBlocking = call -> false;
        CallListener calls = (call, took) -> {};
        Observer observer = Observer.NONE;
        Limits limits = Limits.defaults();

        @Nullable
        Set<String> hosts;

        Set<String> origins = Set.of();
        List<Network> balancers = List.of();
        byte[] stateKey = new byte[32];
        Duration grace = Duration.ofSeconds(10);

        @Nullable
        MtlsServerTransport beside;

        private Builder() {
            new SecureRandom().nextBytes(stateKey);
        }

        /** The address to listen on; default 127.0.0.1 and a port of the system's choice (0). */
        public Builder listen(String host, int port) {
            this.host = host;
            this.port = port;
            return this;
        }

        /** Where on the server MCP is; default {@code /mcp}. */
        public Builder path(String path) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("a path starts with '/', unlike '" + path + "'");
            }
            this.path = path;
            return this;
        }

        /**
         * Serves at the address of another transport, on a path of its own and with the other's TLS profile. The other has to be started
         * before. Limits on connections and their load are the other's; all else is this server's own. The address is closed when the
         * other is shut down; when this one is, its path is taken away and the other goes on.
         */
        public Builder beside(MtlsServerTransport started) {
            this.beside = started;
            return listen(started.settings.host, started.settings.port)
                    .tls(Objects.requireNonNull(started.settings.tls));
        }

        /** Our credential and our trust. */
        public Builder tls(TlsProfile profile) {
            this.tls = profile;
            return this;
        }

        /**
         * The policy that decides about calls, for example the rules of a file ({@code FileAccessPolicy.load(path)}); the default permits
         * every call of every peer that trust accepts. Lists show what their caller may use, and clients learn when the rules change that.
         */
        public Builder accessPolicy(AccessPolicy policy) {
            this.policy = policy;
            return this;
        }

        /** The server's name in access rules, besides the MCP name that it gives itself, for example {@code weather}. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /**
         * Takes access tokens of OAuth 2.0, besides certificates: the token of a request is verified for the connection that it came over. Default
         * none: then a token is ignored.
         */
        public Builder accessTokens(AccessTokens tokens) {
            this.tokens = tokens;
            return this;
        }

        /** Where sessions and calls are recorded; default where the profile records. */
        public Builder audit(AuditSink sink) {
            this.audit = sink;
            return this;
        }

        /**
         * Says which calls have handlers that never block. They run on the event loop of their connection, which saves two changes of
         * thread, about a third of what a small call costs. Meanwhile no other client of that event loop is served: such a handler must
         * neither wait nor compute for longer than a millisecond. It may return a promise that completes elsewhere. On a server that
         * has such a tool {@code tools/list} must not block either. Default none.
         */
        public Builder nonBlocking(Predicate<Call> handlers) {
            this.nonBlocking = handlers;
            return this;
        }

        /**
         * Answers requests in place of an SDK server that would be built on this transport. The ids of its sessions are sealed under {@link
         * #stateKey}.
         */
        public Builder backend(Backend answering) {
            this.backend = answering;
            return this;
        }

        /** The listener that receives how long calls take; default none. */
        public Builder calls(CallListener listener) {
            this.calls = listener;
            return this;
        }

        /**
         * The observer of requests and notifications, for traces and metrics; default none, which costs nothing. The module {@code telemetry} has one
         * for OpenTelemetry. It is told after the head of a request was checked and its body parsed: refused handshakes and texts that are
         * no messages are in the audit log and the metrics alone.
         */
        public Builder observer(Observer observer) {
            this.observer = observer;
            return this;
        }

        /** The limits on the cost of callers; default {@link Limits#defaults()}. */
        public Builder limits(Limits limits) {
            this.limits = limits;
            return this;
        }

        /**
         * The hosts that requests may name, without ports; {@code *.example.com} covers one label. Default the loopback names and
         * those of the certificate in use, also after it was replaced.
         */
        public Builder allowedHosts(Set<String> names) {
            this.hosts = new HashSet<>(names);
            return this;
        }

        /** The origins of web pages that may use this server, as browsers write them; default those of loopback names only. */
        public Builder allowedOrigins(Set<String> origins) {
            this.origins = new HashSet<>(origins);
            return this;
        }

        /**
         * The balancers in front of this server that send PROXY protocol headers, version 1 or 2, by their addresses. Their headers name the
         * clients, in records and for limits on addresses. A connection from them without a header is refused, and a header from any other
         * address too. Default none; {@link #beside} takes those of the other transport.
         *
         * @param networks for example {@code 10.0.0.0/8}, {@code fd00::/8} or one address
         * @throws IllegalArgumentException when one is no network
         */
        public Builder proxyProtocolFrom(List<String> networks) {
            this.balancers = networks.stream().map(Network::parse).toList();
            return this;
        }

        /**
         * The key that signs the {@code requestState} of multi round-trip requests; default a random one per transport. Processes
         * that serve one address must share it. Within {@link Limits#inputTimeout()} a caller may send the same state and answers again,
         * so what a handler does after its last question must be idempotent.
         *
         * @param key at least 32 secret, random bytes; copied
         */
        public Builder stateKey(byte[] key) {
            if (key.length < 32) {
                throw new IllegalArgumentException("a state key has at least 32 bytes, not " + key.length);
            }
            this.stateKey = key.clone();
            return this;
        }

        /** How long {@link MtlsServerTransport#closeGracefully} lets requests in progress finish; default 10 seconds. */
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /**
         * The transport, not yet listening.
         *
         * @throws IllegalStateException when there is no TLS profile
         */
        public MtlsServerTransport build() {
            if (tls == null) {
                throw new IllegalStateException("a server needs a TLS profile: builder().tls(profile)");
            }
            return new MtlsServerTransport(this);
        }
    }
}
