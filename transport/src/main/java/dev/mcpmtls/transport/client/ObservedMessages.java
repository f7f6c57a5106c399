// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.transport.client.ConnectionException.PeerRefused;
import dev.mcpmtls.transport.client.ConnectionException.TimedOut;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.context.Context;

/** Observes the requests and notifications that one transport sends, and has them carry their traces. Thread-safe. */
final class ObservedMessages {

    static final String HEADER = "traceparent";

    private static final String META = "_meta";
    private static final String CAUSE = ObservedMessages.class.getName();

    private final Observer observer;
    private final Wire wire;
    private final Codec codec;
    private final Map<Object, Observation> inFlight = new ConcurrentHashMap<>();

    ObservedMessages(Observer observer, Wire wire, Codec codec) {
        this.observer = observer;
        this.wire = wire;
        this.codec = codec;
    }

    private boolean isOff() {
        return observer.equals(Observer.NONE);
    }

    /** Makes the current trace of this thread the cause of everything that is sent in the course of {@code sending}, on whatever thread. */
    <T> Mono<T> causedHere(Mono<T> sending) {
        if (isOff()) {
            return sending;
        }
        Observation cause = observer.current();
        return Mono.deferContextual(
                known -> known.hasKey(CAUSE) ? sending : sending.contextWrite(Context.of(CAUSE, cause)));
    }

    /**
     * Sends a message, which is observed until that completes.
     *
     * @param spoken tells the revision afterwards
     * @param send gets the message with its trace, if it is a request or a notification
     */
    <M extends JSONRPCMessage, T> Mono<T> observed(
            M message, Dialect spoken, BiFunction<M, Observation, Mono<T>> send) {
        if (isOff() || message instanceof JSONRPCResponse) {
            return send.apply(message, Observation.NONE);
        }
        return Mono.deferContextual(context -> {
            Observation observation = observer.sent(
                    operation(message), Objects.requireNonNull(context.getOrDefault(CAUSE, Observation.NONE)));
            Object id = message instanceof JSONRPCRequest request ? request.id() : null;
            if (id != null) {
                inFlight.put(id, observation);
            }
            return send.apply(carrying(message, observation), observation)
                    .doOnError(thrown -> observation.failed(type(thrown)))
                    .doFinally(how -> {
                        if (how == SignalType.CANCEL || (id != null && inFlight.remove(id, observation))) {
                            observation.failed("cancelled"); // unless it has failed before
                        }
                        observation.speaks(spoken.protocolVersion());
                        observation.over(wire.facts());
                        observation.end();
                    });
        });
    }

    /** A message of the server: perhaps the answer to one that is observed. */
    void received(JSONRPCMessage message) {
        if (message instanceof JSONRPCResponse response && response.id() != null) {
            Observation observation = inFlight.remove(response.id());
            if (observation != null) {
                note(observation, response);
            }
        }
    }

    /** Reads from the answer whether the operation failed. */
    static void note(Observation observation, JSONRPCResponse response) {
        if (response.error() != null) {
            observation.error(response.error().code());
        } else if (response.result() instanceof Map<?, ?> result) {
            observation.answered(Map.of("result", result));
        }
    }

    /** A legacy session has ended. */
    void sessionEnded(String revision, Duration lasted) {
        observer.sessionEnded(Observer.Side.CLIENT, revision, wire.facts(), lasted);
    }

    private Operation operation(JSONRPCMessage message) {
        if (message instanceof JSONRPCRequest request) {
            return new Operation(request.method(), request.id(), codec.object(request.params()), wire.facts());
        }
        JSONRPCNotification notification = (JSONRPCNotification) message;
        return new Operation(notification.method(), null, codec.object(notification.params()), wire.facts());
    }

    @SuppressWarnings("unchecked") // a message of the same class
    private <M extends JSONRPCMessage> M carrying(M message, Observation observation) {
        if (message instanceof JSONRPCRequest request) {
            return (M) new JSONRPCRequest(request.method(), request.id(), carrying(request.params(), observation));
        }
        JSONRPCNotification notification = (JSONRPCNotification) message;
        return (M) new JSONRPCNotification(notification.method(), carrying(notification.params(), observation));
    }

    private Map<String, Object> carrying(@Nullable Object params, Observation observation) {
        Map<String, Object> all = codec.object(params);
        Map<String, Object> meta = codec.object(all, META);
        observation
                .carried()
                .forEach((key, value) -> value.ifPresentOrElse(text -> meta.put(key, text), () -> meta.remove(key)));
        if (!meta.isEmpty()) {
            all.put(META, meta);
        }
        return all;
    }

    /** The header with which proxies, too, see the trace of a message with these parameters; nothing while nothing is observed. */
    void addHeader(@Nullable Object params, Map<String, String> headers) {
        if (!isOff()
                && params instanceof Map<?, ?> map
                && map.get(META) instanceof Map<?, ?> meta
                && meta.get(HEADER) instanceof String trace) {
            headers.put(HEADER, trace);
        }
    }

    private static String type(Throwable thrown) {
        Throwable failure =
                ConnectionException.in(thrown).<Throwable>map(found -> found).orElse(thrown);
        if (failure instanceof TimedOut) {
            return "timeout";
        }
        return failure instanceof PeerRefused
                ? "server_certificate_invalid"
                : String.valueOf(failure.getClass().getCanonicalName());
    }
}
