// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Where messages for the SDK's session go, and what it must know about its own end. */
final class Inbox {

    private volatile Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler =
            message -> Mono.error(new IllegalStateException("connect() comes before the first message"));
    private volatile Consumer<Throwable> exceptionHandler = thrown -> {};

    private volatile Function<JSONRPCMessage, Optional<JSONRPCMessage>> screen = Optional::of;
    private volatile Consumer<JSONRPCMessage> shown = message -> {};

    /** Passes each message through {@code check} first, which may change it or keep it. */
    void screenWith(Function<JSONRPCMessage, Optional<JSONRPCMessage>> check) {
        screen = check;
    }

    void deliverTo(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> session) {
        handler = session;
    }

    void raiseTo(Consumer<Throwable> session) {
        exceptionHandler = session;
    }

    /** Shows each message to {@code observer} as it comes. */
    void showTo(Consumer<JSONRPCMessage> observer) {
        shown = observer;
    }

    Mono<Void> deliver(JSONRPCMessage message) {
        shown.accept(message);
        return screened(message)
                .map(passed -> handler.apply(Mono.just(passed)).then())
                .orElseGet(Mono::empty);
    }

    /** The message as the session may have it; empty when it may not. */
    Optional<JSONRPCMessage> screened(JSONRPCMessage message) {
        return screen.apply(message);
    }

    void raise(Throwable thrown) {
        exceptionHandler.accept(thrown);
    }
}
