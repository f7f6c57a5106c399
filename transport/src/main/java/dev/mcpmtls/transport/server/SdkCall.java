// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpStreamableServerTransport;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A request while it is worked on, in either era: the transport that the SDK's handler writes to, and what can be cancelled. */
abstract class SdkCall implements McpStreamableServerTransport, HandlerRun.Follower {

    private final SdkServer server;
    private @Nullable HandlerRun work;
    private boolean cancelled;

    SdkCall(SdkServer server) {
        this.server = server;
    }

    @Override
    public final synchronized void running(HandlerRun started) {
        work = started;
        if (cancelled) {
            started.cancel();
        }
    }

    /** Stops the handler, also one that is only about to run. */
    synchronized void cancel() {
        cancelled = true;
        if (work != null) {
            work.cancel();
        }
    }

    @Override
    public final Mono<Void> sendMessage(JSONRPCMessage message) {
        return sendMessage(message, null);
    }

    @Override
    public final <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return server.unmarshal(data, type);
    }

    @Override
    public final Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    @Override
    public final void close() {}
}
