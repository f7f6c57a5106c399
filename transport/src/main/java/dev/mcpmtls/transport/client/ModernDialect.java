// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Revision 2026-07-28: no session; metadata on each request; a server's requests to its client arrive as unfinished results.
 * Legacy messages of the SDK's client are answered here or translated into the modern form.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http">Streamable HTTP,
 *     2026-07-28</a>
 */
final class ModernDialect implements Dialect {

    private static final String META = "_meta";
    private static final String PREFIX = "io.modelcontextprotocol/";
    private static final int MAX_ROUNDS = 16;

    private final Wire wire;
    private final Codec codec;
    private final Inbox inbox;
    private final ObservedMessages messages;
    private final Map<String, Object> clientMeta = new ConcurrentHashMap<>();
    private final LearntTools toolHeaders = new LearntTools();
    private final InputRequests inputs;
    private final Subscription subscription;
    private final RemoteTasks tasks;
    private final TaskWatch watch;
    private final AtomicLong counter = new AtomicLong();
    private final Map<Object, Sinks.Empty<Void>> inFlight = new ConcurrentHashMap<>();

    /**
     * For the client that introduces itself with {@code initialize}.
     *
     * @param listens whether to ask for change notifications
     * @param watch for calls that become tasks
     */
    ModernDialect(
            Wire wire,
            Codec codec,
            Inbox inbox,
            ObservedMessages messages,
            JSONRPCRequest initialize,
            boolean listens,
            TaskWatch watch) {
        this.messages = messages;
        this.wire = wire;
        this.codec = codec;
        this.inbox = inbox;
        this.inputs = new InputRequests(codec, inbox);
        this.subscription = new Subscription(this, codec, inbox, listens);
        this.watch = watch;
        this.tasks = new RemoteTasks(wire.endpoint(), this::ask, codec, inputs);
        Map<String, Object> client = codec.object(initialize.params());
        clientMeta.put(PREFIX + "protocolVersion", Revision.MODERN.text());
        clientMeta.put(PREFIX + "clientInfo", codec.object(client, "clientInfo"));
        clientMeta.put(
                PREFIX + "clientCapabilities", RemoteTasks.declaredIn(codec, codec.object(client, "capabilities")));
    }

    @Override
    public Era era() {
        return Era.MODERN;
    }

    @Override
    public String protocolVersion() {
        return Revision.MODERN.text();
    }

    /** Asks the server what it speaks; has no effect there. A server that refuses our revision and yet names it is asked again, once. */
    Mono<Probe> probe() {
        return discover()
                .flatMap(answer -> Probe.contradictsItself(codec, answer) ? discover() : Mono.just(answer))
                .map(answer -> Probe.read(wire.endpoint(), codec, answer));
    }

    private Mono<List<JSONRPCMessage>> discover() {
        JSONRPCRequest request = new JSONRPCRequest("server/discover", "discover", Map.of());
        return messages.observed(
                request,
                this,
                (sent, observation) -> post(
                                sent.method(),
                                "discover",
                                codec.object(sent.params()),
                                Map.of(),
                                wire.limits().silence())
                        .flatMap(reply -> reply.isEventStream()
                                ? codec.messages(reply, newStream()).collectList()
                                : reply.text().map(codec::decodeIfJsonRpc))
                        .doOnNext(answer -> answer.forEach(messages::received)));
    }

    /** Answers the SDK's {@code initialize} with what the server said of itself. */
    Mono<Void> introduce(JSONRPCRequest initialize, Map<String, Object> discovered) {
        Map<String, Object> server = codec.object(codec.object(discovered, META), PREFIX + "serverInfo");
        server.putIfAbsent("name", wire.endpoint().getHost());
        server.putIfAbsent("version", "");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("protocolVersion", Revision.MODERN.text());
        result.put("capabilities", codec.object(discovered, "capabilities"));
        result.put("serverInfo", server);
        Codec.text(discovered, "instructions").ifPresent(text -> result.put("instructions", text));
        subscription.offered(codec.object(discovered, "capabilities"));
        return inbox.deliver(JSONRPCResponse.result(initialize.id(), result));
    }

    @Override
    public Mono<Void> send(JSONRPCMessage message) {
        if (message instanceof JSONRPCRequest request) {
            return request(request);
        }
        if (message instanceof JSONRPCResponse response) {
            inputs.answered(response);
            return Mono.empty();
        }
        JSONRPCNotification notification = (JSONRPCNotification) message;
        if (notification.method().equals(McpSchema.METHOD_NOTIFICATION_INITIALIZED)) {
            subscription.open();
        } else if (notification.method().equals("notifications/cancelled")) {
            cancel(codec.object(notification.params()).get("requestId"));
        }
        // This revision has no other notification from client to server.
        return Mono.empty();
    }

    private Mono<Void> request(JSONRPCRequest request) {
        Map<String, Object> params = codec.object(request.params());
        return switch (request.method()) {
            case McpSchema.METHOD_PING ->
                probe().flatMap(alive -> inbox.deliver(JSONRPCResponse.result(request.id(), Map.of())));
            case McpSchema.METHOD_LOGGING_SET_LEVEL -> {
                clientMeta.put(PREFIX + "logLevel", String.valueOf(params.get("level")));
                yield inbox.deliver(JSONRPCResponse.result(request.id(), Map.of()));
            }
            case McpSchema.METHOD_RESOURCES_SUBSCRIBE -> {
                subscription.add(String.valueOf(params.get("uri")));
                yield inbox.deliver(JSONRPCResponse.result(request.id(), Map.of()));
            }
            case McpSchema.METHOD_RESOURCES_UNSUBSCRIBE -> {
                subscription.remove(String.valueOf(params.get("uri")));
                yield inbox.deliver(JSONRPCResponse.result(request.id(), Map.of()));
            }
            default ->
                messages.observed(
                        request,
                        this,
                        (sent, observation) ->
                                cancellable(sent, new Round(sent, codec.object(sent.params()), 0, false)));
        };
    }

    private Mono<Void> cancellable(JSONRPCRequest request, Round round) {
        Sinks.Empty<Void> cancelled = Sinks.empty();
        inFlight.put(request.id(), cancelled);
        return run(round)
                .takeUntilOther(cancelled.asMono())
                .doFinally(ended -> inFlight.remove(request.id(), cancelled));
    }

    /** Closing the response stream is the cancellation (Streamable HTTP, section "Cancellation"). */
    private void cancel(@Nullable Object requestId) {
        Sinks.Empty<Void> running = requestId == null ? null : inFlight.get(requestId);
        if (running != null) {
            running.tryEmitEmpty();
        }
    }

    private Mono<Void> run(Round round) {
        Map<String, String> mirrored = round.request().method().equals(McpSchema.METHOD_TOOLS_CALL)
                ? toolHeaders.headers(
                        String.valueOf(round.params().get("name")), codec.object(round.params(), "arguments"))
                : Map.of();
        return post(
                        round.request().method(),
                        round.wireId(),
                        round.params(),
                        mirrored,
                        wire.limits().silence())
                .flatMap(reply -> read(round, reply));
    }

    private Mono<Void> read(Round round, Reply reply) {
        if (!reply.isEventStream() && !reply.mediaType().equals("application/json")) {
            return reply.text()
                    .flatMap(
                            body -> Mono.error(new UnusableAnswer(wire.endpoint(), codec.describe(reply, body), null)));
        }
        // Read to its end, though the answer is its last message: a stream that is left early takes its connection with
        // it.
        AtomicBoolean answered = new AtomicBoolean();
        return codec.messages(reply, newStream())
                .concatMap(message -> {
                    if (!(message instanceof JSONRPCResponse response)) {
                        return inbox.deliver(message);
                    }
                    // Takes one answer to a request: a server that kept asking for input in it would be answered
                    // without end.
                    return answered.getAndSet(true) ? Mono.<Void>empty() : conclude(round, response);
                })
                .then(Mono.defer(() -> answered.get()
                        ? Mono.empty()
                        : Mono.error(new UnusableAnswer(
                                wire.endpoint(),
                                "the stream ended without the answer to "
                                        + round.request().method(),
                                null))));
    }

    private Mono<Void> conclude(Round round, JSONRPCResponse response) {
        boolean ours = round.wireId().equals(response.id()) || (response.id() == null && response.error() != null);
        if (!ours) {
            return Mono.error(new UnusableAnswer(wire.endpoint(), "it answers a request that was not made", null));
        }
        if (response.error() != null) {
            boolean headerMissed = response.error().code() == ErrorCode.HEADER_MISMATCH
                    && round.request().method().equals(McpSchema.METHOD_TOOLS_CALL)
                    && !round.corrected();
            return headerMissed
                    ? learnTools(Map.of(), 1).then(Mono.defer(() -> run(round.next(round.params(), true))))
                    : inbox.deliver(JSONRPCResponse.error(round.request().id(), response.error()));
        }
        Map<String, Object> result = codec.object(response.result());
        return switch (Codec.text(result, "resultType").orElse("complete")) {
            case "complete" ->
                inbox.deliver(JSONRPCResponse.result(round.request().id(), learnFrom(round, result)));
            case "input_required" -> anotherRound(round, result);
            case TaskStatus.RESULT_TYPE -> task(round, result);
            default ->
                Mono.error(new UnusableAnswer(
                        wire.endpoint(), "the result type " + result.get("resultType") + " is not known", null));
        };
    }

    private Mono<Void> task(Round round, Map<String, Object> created) {
        Optional<RemoteTask> task = round.request().method().equals(McpSchema.METHOD_TOOLS_CALL)
                ? RemoteTask.of(created)
                : Optional.empty();
        if (task.isEmpty()) {
            return Mono.error(new UnusableAnswer(wire.endpoint(), "a task that it may not answer with", null));
        }
        Object id = round.request().id();
        watch.told().accept(task.get());
        if (watch.isBackground()) {
            return inbox.deliver(JSONRPCResponse.result(id, RemoteTasks.standIn(task.get(), created)));
        }
        // The SDK's client may have stopped waiting without a word, and no other program has the task's name.
        Duration most = wire.limits().exchange();
        Mono<Map<String, Object>> outcome = tasks.outcome(task.get().id(), watch.told())
                .doOnCancel(
                        () -> tasks.cancel(task.get().id()).onErrorComplete().subscribe())
                .timeout(
                        most,
                        Mono.error(() -> new TimedOut(wire.endpoint(), "its task did not end within " + most, null)));
        return outcome.map(result -> JSONRPCResponse.result(id, result))
                .onErrorResume(McpError.class, failed -> Mono.just(JSONRPCResponse.error(id, failed.getJsonRpcError())))
                .flatMap(inbox::deliver);
    }

    RemoteTasks tasks() {
        return tasks;
    }

    /** Makes a request of this client's own, and gives its result; fails with an {@link McpError} when that is an error. */
    private Mono<Map<String, Object>> ask(String method, Map<String, Object> params) {
        String id = "own-" + counter.incrementAndGet();
        return post(method, id, params, Map.of(), wire.limits().silence())
                .flatMapMany(reply -> codec.messages(reply, newStream()))
                .ofType(JSONRPCResponse.class)
                .filter(response -> id.equals(response.id()) || (response.id() == null && response.error() != null))
                .next()
                .switchIfEmpty(
                        Mono.error(() -> new UnusableAnswer(wire.endpoint(), "there is none to " + method, null)))
                .map(response -> {
                    if (response.error() != null) {
                        throw new McpError(response.error());
                    }
                    return codec.object(response.result());
                });
    }

    private Mono<Void> anotherRound(Round round, Map<String, Object> unfinished) {
        if (round.number() >= MAX_ROUNDS) {
            return Mono.error(
                    new UnusableAnswer(wire.endpoint(), "it asked for more input " + MAX_ROUNDS + " times", null));
        }
        return inputs.gather(codec.object(unfinished, "inputRequests")).flatMap(responses -> {
            Map<String, Object> params = new LinkedHashMap<>(round.params());
            params.remove("requestState");
            params.put("inputResponses", responses);
            Codec.text(unfinished, "requestState").ifPresent(state -> params.put("requestState", state));
            return run(round.next(params, round.corrected()));
        });
    }

    private Map<String, Object> learnFrom(Round round, Map<String, Object> result) {
        if (round.request().method().equals(McpSchema.METHOD_TOOLS_LIST)
                && result.get("tools") instanceof List<?> tools) {
            result.put("tools", toolHeaders.learn(tools));
        }
        return result;
    }

    /** Reads the tool list for its annotations; a server that needs headers names them there. */
    private Mono<Void> learnTools(Map<String, Object> params, int page) {
        return post(
                        McpSchema.METHOD_TOOLS_LIST,
                        "learn/" + page,
                        params,
                        Map.of(),
                        wire.limits().silence())
                .flatMapMany(reply -> codec.messages(reply, newStream()))
                .flatMapIterable(message -> inbox.screened(message).stream().toList())
                .ofType(JSONRPCResponse.class)
                .map(response -> codec.object(response.result()))
                .doOnNext(result -> {
                    if (result.get("tools") instanceof List<?> tools) {
                        toolHeaders.learn(tools);
                    }
                })
                .last(Map.of())
                .flatMap(
                        result -> page < MAX_PAGES && result.get("nextCursor") instanceof String next && !next.isEmpty()
                                ? learnTools(Map.of("cursor", next), page + 1)
                                : Mono.empty());
    }

    /** Posts a request with this client's metadata. */
    Mono<Reply> post(
            String method, String id, Map<String, Object> params, Map<String, String> mirrored, Duration silence) {
        Map<String, Object> full = new LinkedHashMap<>(params);
        Map<String, Object> meta = codec.object(full, META);
        meta.putAll(clientMeta);
        full.put(META, meta);
        Map<String, String> headers = new LinkedHashMap<>(mirrored);
        headers.put("Accept", "application/json, text/event-stream");
        headers.put("Content-Type", "application/json");
        headers.put(HeaderName.PROTOCOL_VERSION, Revision.MODERN.text());
        headers.put(HeaderName.METHOD, method);
        messages.addHeader(full, headers);
        Method.of(method)
                .flatMap(Method::named)
                .flatMap(parameter -> Codec.text(params, parameter))
                .ifPresent(name -> headers.put(HeaderName.NAME, HeaderValue.encode(name)));
        return wire.exchange(HttpMethod.POST, headers, codec.encode(new JSONRPCRequest(method, id, full)), silence);
    }

    EventStream newStream() {
        return new EventStream(wire.limits().maxMessageBytes());
    }

    @Override
    public Mono<Void> close() {
        return Mono.fromRunnable(() -> {
            subscription.close();
            inFlight.values().forEach(Sinks.Empty::tryEmitEmpty);
        });
    }
}
