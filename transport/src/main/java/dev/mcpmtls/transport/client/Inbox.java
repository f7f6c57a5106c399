// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Where messages for the SDK's session go, and what it must know about its own end. */
final class Inbox {

    private volatile Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler =
            message -> Mono.error(new IllegalStateException("connect() comes before the first message"));
    private volatile Consumer<Throwable> exceptionHandler = thrown -> {};

    void deliverTo(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> session) {
        handler = session;
    }

    void raiseTo(Consumer<Throwable> session) {
        exceptionHandler = session;
    }

    Mono<Void> deliver(JSONRPCMessage message) {
        return handler.apply(Mono.just(message)).then();
    }

    void raise(Throwable thrown) {
        exceptionHandler.accept(thrown);
    }
}
