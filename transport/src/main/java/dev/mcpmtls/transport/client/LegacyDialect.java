// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpTransportSessionNotFoundException;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Revisions 2025-03-26 to 2025-11-25. {@code initialize} opens a session, whose id is a header of each request. A GET stream carries the
 * server's own messages, and is resumed after the last event seen. DELETE ends the session.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports">Transports, 2025-11-25</a>
 */
final class LegacyDialect implements Dialect {

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final int RESUMPTIONS = 5;

    private final Wire wire;
    private final Codec codec;
    private final Inbox inbox;
    private final ObservedMessages messages;
    private final boolean listens;
    private volatile String version = "";
    private volatile long openedAt;
    private volatile @Nullable String session;
    private volatile EventStream heard = new EventStream(0);
    private volatile @Nullable Disposable listening;

    LegacyDialect(Wire wire, Codec codec, Inbox inbox, ObservedMessages messages, boolean listens) {
        this.messages = messages;
        this.wire = wire;
        this.codec = codec;
        this.inbox = inbox;
        this.listens = listens;
    }

    @Override
    public Era era() {
        return Era.LEGACY;
    }

    @Override
    public String protocolVersion() {
        return version;
    }

    @Override
    public Mono<Void> send(JSONRPCMessage message) {
        return messages.observed(
                message,
                this,
                (sent, observation) -> exchange(sent).doOnTerminate(() -> {
                    String id = session;
                    if (id != null) {
                        observation.inSession(id);
                    }
                }));
    }

    private Mono<Void> exchange(JSONRPCMessage message) {
        Map<String, String> headers = headers("application/json, text/event-stream");
        headers.put("Content-Type", "application/json");
        messages.addHeader(message instanceof JSONRPCRequest request ? request.params() : null, headers);
        return wire.exchange(
                        HttpMethod.POST,
                        headers,
                        codec.encode(message),
                        wire.limits().silence())
                .flatMap(reply -> receive(message, reply))
                .then(Mono.fromRunnable(() -> sent(message)));
    }

    private Mono<Void> receive(JSONRPCMessage message, Reply reply) {
        if (reply.status() == 404 && session != null) {
            reply.discard();
            return sessionLost();
        }
        if (!reply.succeeded()) {
            return reply.text().flatMap(body -> refused(message, reply, body));
        }
        if (!(message instanceof JSONRPCRequest request)) {
            reply.discard();
            return Mono.empty();
        }
        if (request.method().equals(McpSchema.METHOD_INITIALIZE)) {
            session = sessionId(reply);
        }
        AtomicBoolean answered = new AtomicBoolean();
        return readUntilAnswered(request, reply, answered, RESUMPTIONS);
    }

    private Mono<Void> readUntilAnswered(JSONRPCRequest request, Reply reply, AtomicBoolean answered, int resumptions) {
        EventStream stream = new EventStream(wire.limits().maxMessageBytes());
        return codec.messages(reply, stream)
                .concatMap(message -> {
                    if (message instanceof JSONRPCResponse response
                            && request.id().equals(response.id())) {
                        refuseToGoOnWithout(request, response);
                        answered.set(true);
                        observe(request, response);
                    }
                    return inbox.deliver(message);
                })
                .then()
                .onErrorResume(
                        thrown -> answered.get()
                                || (isBreak(thrown) && stream.lastId().isPresent()),
                        broken -> Mono.empty())
                .then(Mono.defer(() -> answered.get() ? Mono.empty() : resume(request, stream, answered, resumptions)));
    }

    /** Takes up a stream that ended before the answer, after the last event seen; the request itself is not sent again. */
    private Mono<Void> resume(JSONRPCRequest request, EventStream stream, AtomicBoolean answered, int resumptions) {
        Optional<String> lastId = stream.lastId();
        if (lastId.isEmpty() || resumptions == 0) {
            return Mono.error(new UnusableAnswer(
                    wire.endpoint(), "the stream ended without the answer to " + request.method(), null));
        }
        return Mono.delay(stream.retry().orElse(PAUSE))
                .then(Mono.defer(() -> get(lastId, wire.limits().silence())))
                .flatMap(reply -> {
                    if (!reply.succeeded() || !reply.isEventStream()) {
                        reply.discard();
                        return Mono.<Void>error(new UnusableAnswer(wire.endpoint(), codec.describe(reply, ""), null));
                    }
                    return readUntilAnswered(request, reply, answered, resumptions - 1);
                });
    }

    private static boolean isBreak(Throwable thrown) {
        return thrown instanceof ConnectionException.Unreachable || thrown instanceof ConnectionException.TimedOut;
    }

    private void observe(JSONRPCRequest request, JSONRPCResponse response) {
        if (request.method().equals(McpSchema.METHOD_INITIALIZE) && response.result() != null) {
            version = Codec.text(codec.object(response.result()), "protocolVersion")
                    .orElse("");
            openedAt = System.nanoTime();
        }
    }

    /** The SDK would report an error to {@code initialize} as a failure of its own. */
    private void refuseToGoOnWithout(JSONRPCRequest request, JSONRPCResponse response) {
        if (request.method().equals(McpSchema.METHOD_INITIALIZE) && response.error() != null) {
            messages.received(JSONRPCResponse.error(request.id(), response.error()));
            throw new UnusableAnswer(
                    wire.endpoint(),
                    "it refused to begin (error " + response.error().code() + " to initialize): "
                            + response.error().message()
                            + (ErrorCode.isAboutTheRequest(response.error().code()) ? "" : "; its log says why"),
                    new McpError(response.error()));
        }
    }

    /** A JSON-RPC error that came with an HTTP error is the answer; anything else is no MCP. */
    private Mono<Void> refused(JSONRPCMessage message, Reply reply, String body) {
        for (JSONRPCMessage said : codec.decodeIfJsonRpc(body)) {
            if (message instanceof JSONRPCRequest request
                    && said instanceof JSONRPCResponse response
                    && response.error() != null) {
                refuseToGoOnWithout(request, response);
                return inbox.deliver(JSONRPCResponse.error(request.id(), response.error()));
            }
        }
        return Mono.error(new UnusableAnswer(wire.endpoint(), codec.describe(reply, body), null));
    }

    private <T> Mono<T> sessionLost() {
        ended();
        stopListening();
        // A session id is a secret: it stays out of messages.
        McpTransportSessionNotFoundException lost = new McpTransportSessionNotFoundException("(id withheld)");
        // First: the SDK opens a new session when it learns of this, and the caller's next call must wait for that one.
        inbox.raise(lost);
        return Mono.error(lost);
    }

    private void ended() {
        if (session != null) {
            session = null;
            messages.sessionEnded(version, Duration.ofNanos(System.nanoTime() - openedAt));
        }
    }

    private @Nullable String sessionId(Reply reply) {
        Optional<String> id = reply.header(HeaderName.SESSION_ID);
        if (id.isPresent() && !id.get().matches("[!-~]{1,1024}")) {
            throw new UnusableAnswer(wire.endpoint(), "its session id is not visible ASCII", null);
        }
        return id.orElse(null);
    }

    private void sent(JSONRPCMessage message) {
        if (listens
                && message instanceof JSONRPCNotification notification
                && notification.method().equals(McpSchema.METHOD_NOTIFICATION_INITIALIZED)) {
            stopListening();
            listening = KeptStream.open(this::listen, () -> heard.retry().orElse(PAUSE));
        }
    }

    /** The GET stream, taken up after the last event seen. */
    private Mono<KeptStream.End> listen() {
        Optional<String> lastId = heard.lastId();
        EventStream stream = new EventStream(wire.limits().maxMessageBytes());
        return get(lastId, Duration.ZERO).flatMap(reply -> {
            if (reply.status() == 404 && session != null) {
                reply.discard();
                return sessionLost();
            }
            if (!reply.succeeded() || !reply.isEventStream()) {
                reply.discard();
                return Mono.just(KeptStream.End.NONE);
            }
            heard = stream;
            return codec.messages(reply, stream).concatMap(inbox::deliver).then(Mono.just(KeptStream.End.OVER));
        });
    }

    private Mono<Reply> get(Optional<String> lastId, Duration silence) {
        Map<String, String> headers = headers("text/event-stream");
        lastId.ifPresent(id -> headers.put(HeaderName.LAST_EVENT_ID, id));
        return wire.exchange(HttpMethod.GET, headers, null, silence);
    }

    private Map<String, String> headers(String accept) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", accept);
        if (!version.isEmpty()) {
            headers.put(HeaderName.PROTOCOL_VERSION, version);
        }
        String id = session;
        if (id != null) {
            headers.put(HeaderName.SESSION_ID, id);
        }
        return headers;
    }

    private void stopListening() {
        Disposable stream = listening;
        if (stream != null) {
            stream.dispose();
        }
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            stopListening();
            if (session == null) {
                return Mono.empty();
            }
            return wire.exchange(HttpMethod.DELETE, headers("application/json"), null, GOODBYE)
                    .doOnNext(Reply::discard)
                    .then()
                    .timeout(GOODBYE)
                    .onErrorComplete()
                    .doFinally(said -> ended());
        });
    }
}
