// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpTransportSessionClosedException;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A transport for the SDK's client over mutual TLS, in both eras of MCP.
 *
 * <pre>{@code
 * McpSyncClient client = McpClient.sync(MtlsClientTransport.builder(URI.create("https://localhost:8443/mcp"))
 *                 .tls(profile)
 *                 .build())
 *         .build();
 * }</pre>
 *
 * <p>Failures are {@link ConnectionException}s; the SDK wraps some of them, {@link ConnectionException#in} finds them again.
 * Nothing that may have had an effect is sent twice, and redirects are not followed.
 */
public final class MtlsClientTransport implements McpClientTransport {

    private final Wire wire;
    private final Runnable release;
    private final McpJsonMapper json;
    private final Codec codec;
    private final Inbox inbox = new Inbox();
    private final ObservedMessages messages;
    private final @Nullable PinGuard guard;
    private final Era era;
    private final EraNegotiation negotiation;
    private volatile boolean closed;

    private MtlsClientTransport(Builder builder, TlsProfile profile) {
        Vertx shared = builder.vertx;
        Vertx vertx = shared == null ? OwnVertx.create() : shared;
        release = shared == null ? () -> vertx.close() : () -> {};
        wire = new Wire(builder.server, profile, builder.expected, vertx, builder.limits(), builder.tokens);
        json = builder.json == null ? McpJsonDefaults.getMapper() : builder.json;
        codec = new Codec(json, builder.server);
        era = builder.era;
        messages = new ObservedMessages(builder.observer, wire, codec);
        inbox.showTo(messages::received);
        guard = builder.pins == null ? null : PinGuard.of(builder.pins, profile, wire, codec);
        if (guard != null) {
            inbox.screenWith(guard::received);
        }
        TaskWatch watch = new TaskWatch(builder.background, builder.told);
        negotiation = new EraNegotiation(
                era,
                builder.eras,
                builder.callsUnoffered,
                wire,
                codec,
                request -> new ModernDialect(wire, codec, inbox, messages, request, builder.listens, watch),
                () -> new LegacyDialect(wire, codec, inbox, messages, builder.listens));
    }

    /**
     * Everything of the server that differs from its pins and is withheld: its identity, its instructions, tools of the latest list.
     * Empty without {@linkplain Builder#pins pins}.
     */
    public List<PinChange> withheld() {
        return guard == null ? List.of() : guard.tools().withheld();
    }

    /** The pinned tools that the latest list lacks; right only when all its pages were read, as {@link ToolPages} does. */
    public List<PinChange> removed() {
        return guard == null ? List.of() : guard.tools().removed();
    }

    /**
     * A transport to the MCP endpoint at {@code server}.
     *
     * @param server for example {@code https://localhost:8443/mcp}
     * @throws IllegalArgumentException when the scheme is not https, or there is no host
     */
    public static Builder builder(URI server) {
        return new Builder(server);
    }

    /** The server and the protocol agreed with it; empty before the first answer. */
    public Optional<ConnectedServer> server() {
        Dialect spoken = negotiation.dialect();
        return spoken == null || spoken.protocolVersion().isEmpty()
                ? Optional.empty()
                : wire.lastConnection()
                        .map(connection -> new ConnectedServer(
                                connection.peer(),
                                connection.facts(),
                                connection.group(),
                                spoken.era(),
                                spoken.protocolVersion()));
    }

    /**
     * The tasks of this client at the server, also those that another process began.
     *
     * @throws IllegalStateException before the client was initialized, or when the server speaks the legacy era, which has no tasks
     */
    public RemoteTasks tasks() {
        Dialect spoken = negotiation.dialect();
        if (spoken instanceof ModernDialect modern) {
            return modern.tasks();
        }
        throw new IllegalStateException(
                spoken == null
                        ? "initialize the client before asking for tasks"
                        : wire.endpoint() + " speaks MCP " + spoken.protocolVersion() + ", which has no tasks");
    }

    URI endpoint() {
        return wire.endpoint();
    }

    /** The legacy revisions, then the modern one where it may be spoken; the SDK asks for the last of them. */
    @Override
    public List<String> protocolVersions() {
        List<String> versions = new ArrayList<>();
        if (era != Era.LEGACY) {
            versions.add(Revision.MODERN.text());
        }
        versions.addAll(Revision.legacy());
        return versions;
    }

    @Override
    public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
        return Mono.fromRunnable(() -> inbox.deliverTo(handler));
    }

    @Override
    public void setExceptionHandler(Consumer<Throwable> handler) {
        inbox.raiseTo(handler);
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return Mono.defer(() -> messages.causedHere(send(message)));
    }

    /** See {@link ObservedMessages#causedHere}. */
    <T> Mono<T> causedHere(Mono<T> work) {
        return messages.causedHere(work);
    }

    private Mono<Void> send(JSONRPCMessage message) {
        return Mono.defer(() -> {
            if (closed) {
                return Mono.error(new McpTransportSessionClosedException());
            }
            if (message instanceof JSONRPCRequest request && request.method().equals(McpSchema.METHOD_INITIALIZE)) {
                if (guard != null) {
                    guard.tools().listChanged();
                }
                return negotiation.initialize(request);
            }
            Dialect spoken = negotiation.dialect();
            return spoken == null
                    ? Mono.error(new IllegalStateException("initialize comes before the first message"))
                    : guard == null ? spoken.send(message) : guard.send(spoken, message);
        });
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.defer(() -> {
            closed = true;
            Dialect spoken = negotiation.dialect();
            return (spoken == null ? Mono.<Void>empty() : spoken.close())
                    .then(wire.close())
                    .doFinally(ended -> release.run());
        });
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> typeRef) {
        return json.convertValue(data, typeRef);
    }

    /** Collects what a transport needs; only {@link #tls} has no default. */
    public static final class Builder {

        private final URI server;
        private @Nullable TlsProfile profile;
        private @Nullable Vertx vertx;
        private @Nullable McpJsonMapper json;
        private Optional<Identity> expected = Optional.empty();
        private Era era = Era.AUTO;
        private EraCache eras = new EraCache();
        private boolean listens = true;
        private boolean callsUnoffered;
        private @Nullable ToolPins pins;
        private boolean background;
        private Consumer<RemoteTask> told = task -> {};
        private Observer observer = Observer.NONE;
        private TokenSource tokens = TokenSource.NONE;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration answerTimeout = Duration.ofSeconds(60);
        private Duration exchangeTimeout = Duration.ofMinutes(10);
        private int maxMessageBytes = 16 * 1024 * 1024;
        private int maxConnections = 32;

        private Builder(URI server) {
            if (!"https".equalsIgnoreCase(server.getScheme()) || server.getHost() == null) {
                throw new IllegalArgumentException("not an https URL with a host: " + server);
            }
            this.server = server;
        }

        /** Our credential and our trust. */
        public Builder tls(TlsProfile tls) {
            profile = tls;
            return this;
        }

        /** The server's identity where it is not the host in the URL, for example its SPIFFE ID. */
        public Builder expecting(Identity identity) {
            expected = Optional.of(identity);
            return this;
        }

        /** The eras to speak; default {@link Era#AUTO}. */
        public Builder era(Era choice) {
            era = choice;
            return this;
        }

        /** Shares what is found out about servers' eras; default a cache of this transport's own. */
        public Builder eras(EraCache shared) {
            eras = shared;
            return this;
        }

        /**
         * Withholds every tool that differs from its pins: it is missing from lists, and calls of it fail with {@link
         * ConnectionException.ToolWithheld}. So are instructions that were not pinned. Each change is an audit event of the profile.
         * Default: tools are not held against anything.
         *
         * @param approved see {@link dev.mcpmtls.protocol.pins.ToolsLock}
         */
        public Builder pins(ToolPins approved) {
            pins = approved;
            return this;
        }

        /**
         * The observer of requests and notifications, for traces and metrics; default none, which costs nothing. The module {@code telemetry} has one
         * for OpenTelemetry. The span that is current where the SDK's client is called becomes the parent; call {@code initialize()} first,
         * because the SDK leaves the caller's thread while it does that by itself.
         */
        public Builder observer(Observer observing) {
            observer = observing;
            return this;
        }

        /**
         * Access tokens for this server, beside our certificate, which stays necessary; default none. The module {@code oauth} fetches them.
         * A request that waits for a person who logs in lasts as long: see the SDK client's {@code requestTimeout}.
         */
        public Builder tokens(TokenSource source) {
            tokens = source;
            return this;
        }

        /** Opens no stream for what the server says unasked: neither a GET stream nor a subscription. */
        public Builder withoutNotifications() {
            listens = false;
            return this;
        }

        /**
         * Makes the SDK's client call tools also when the server offers this client none, so that the server can say which access rule
         * denies it. Default: the SDK's client refuses such calls itself.
         */
        public Builder callingUnofferedTools() {
            callsUnoffered = true;
            return this;
        }

        /**
         * Does not wait for a call that becomes a task: its result has the task, see {@link RemoteTask#in}. Default: the call waits, and has
         * the result of the task. Then {@link #exchangeTimeout} and the SDK client's own {@code requestTimeout} have to be as long as the work may
         * take; beyond the former the task is cancelled.
         */
        public Builder background() {
            background = true;
            return this;
        }

        /**
         * Hears of the states of calls that have become tasks.
         *
         * @param listener must not block
         */
        public Builder onTask(Consumer<RemoteTask> listener) {
            told = listener;
            return this;
        }

        /** How long opening a TCP connection may take; default 10 seconds. The handshake's limit is the profile's. */
        public Builder connectTimeout(Duration limit) {
            connectTimeout = limit;
            return this;
        }

        /** How long an answer may pause, its first byte included; default 60 seconds. */
        public Builder answerTimeout(Duration limit) {
            answerTimeout = limit;
            return this;
        }

        /**
         * How long an answer may take in all, however much comes of it; default 10 minutes. The streams kept for notifications have no
         * such limit.
         */
        public Builder exchangeTimeout(Duration limit) {
            exchangeTimeout = limit;
            return this;
        }

        /** The largest message a server may send; default 16 MiB. */
        public Builder maxMessageBytes(int limit) {
            maxMessageBytes = limit;
            return this;
        }

        /** HTTP/1.1 connections at a time; default 32. HTTP/2 needs one. */
        public Builder maxConnections(int limit) {
            maxConnections = limit;
            return this;
        }

        /** Uses the event loops of {@code shared}, which stays open; default event loops of this transport's own. */
        public Builder vertx(Vertx shared) {
            vertx = shared;
            return this;
        }

        /** The SDK's JSON mapper; default the SDK's. */
        public Builder jsonMapper(McpJsonMapper mapper) {
            json = mapper;
            return this;
        }

        private Limits limits() {
            return new Limits(connectTimeout, answerTimeout, exchangeTimeout, maxMessageBytes, maxConnections);
        }

        /**
         * The transport; it connects with the first message.
         *
         * @throws IllegalStateException when no profile was given, or the tokens are for another server
         */
        public MtlsClientTransport build() {
            TlsProfile tls = profile;
            if (tls == null) {
                throw new IllegalStateException("a transport over mutual TLS needs tls(profile)");
            }
            Optional<URI> meant = tokens.server().filter(other -> !other.equals(server));
            if (meant.isPresent()) {
                throw new IllegalStateException("the tokens are for " + meant.get() + ", not for " + server);
            }
            return new MtlsClientTransport(this, tls);
        }
    }
}
