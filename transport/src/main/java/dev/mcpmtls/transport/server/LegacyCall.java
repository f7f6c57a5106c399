// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.transport.server.JsonRpcMessage.Request;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerTransport;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A request in a legacy session while it is worked on: the transport that the SDK's handler writes to. A client that goes away
 * does not cancel it; {@code notifications/cancelled} does.
 */
final class LegacyCall implements McpStreamableServerTransport, Work.Follower {

    private final LegacyEra era;
    private final Session session;
    private final Caller caller;
    private final Request request;
    private final SessionStream stream;
    private @Nullable Work work;
    private boolean cancelled;

    LegacyCall(LegacyEra era, Session session, Incoming incoming, Request request) {
        this.era = era;
        this.session = session;
        this.caller = incoming.caller();
        this.request = request;
        this.stream = session.stream(incoming.reply());
    }

    Object id() {
        return request.id();
    }

    /** The request in the SDK's form. */
    McpSchema.JSONRPCRequest sdkRequest() {
        return new McpSchema.JSONRPCRequest(request.method(), request.id(), request.params());
    }

    @Override
    public synchronized void running(Work started) {
        work = started;
        if (cancelled) {
            started.cancel();
        }
    }

    /** Stops the handler; the client gets no answer, as the specification wants it. */
    synchronized void cancel() {
        cancelled = true;
        stream.close();
        if (work != null) {
            work.cancel();
        }
    }

    /** The handler failed in a way that the SDK did not turn into an answer. */
    @Override
    public void failed(Throwable failure) {
        RefusedException answer = era.server().refusal(request, failure);
        stream.finish(answer.status(), era.json().error(id(), answer));
    }

    /** Nothing of the handler is left: if it forgot to answer, that is an error. */
    @Override
    public void over() {
        session.end(this);
        if (!stream.isOver()) {
            stream.finish(500, era.json().error(id(), Shell.internalError()));
        }
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message, @Nullable String messageId) {
        return Mono.fromRunnable(() -> {
            if (message instanceof JSONRPCResponse response) {
                stream.finish(200, era.json().write(era.forCaller(caller, request.method(), response)));
            } else {
                stream.send(era.json().write(message));
            }
        });
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return sendMessage(message, null);
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return era.server().unmarshal(data, type);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    @Override
    public void close() {}
}
