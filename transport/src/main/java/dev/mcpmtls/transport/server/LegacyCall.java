// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A request in a legacy session. A client that goes away does not cancel it; {@code notifications/cancelled} does.
 */
final class LegacyCall extends SdkCall implements Session.Cancellable {

    private final SdkServer server;
    private final Results results;
    private final Json json;
    private final Session session;
    private final Caller caller;
    private final Request request;
    private final SessionStream stream;

    LegacyCall(
            SdkServer server, Results results, Json json, Session session, IncomingRequest incoming, Request request) {
        super(server);
        this.server = server;
        this.results = results;
        this.json = json;
        this.session = session;
        this.caller = incoming.caller();
        this.request = request;
        this.stream = session.stream(incoming.reply());
    }

    @Override
    public Object id() {
        return request.id();
    }

    /** The request in the SDK's form. */
    McpSchema.JSONRPCRequest sdkRequest() {
        return new McpSchema.JSONRPCRequest(request.method(), request.id(), request.params());
    }

    /** Stops the handler; the client gets no answer, as the specification wants it. */
    @Override
    public synchronized void cancel() {
        stream.close();
        super.cancel();
    }

    /** The handler failed in a way that the SDK did not turn into an answer. */
    @Override
    public void failed(Throwable failure) {
        RefusedException answer = server.refusal(request, failure);
        stream.finish(answer.status(), answer.answer(json, id()));
    }

    /** Nothing of the handler is left: if it forgot to answer, that is an error. */
    @Override
    public void over() {
        session.end(this);
        if (!stream.isOver()) {
            stream.finish(500, RefusedException.internalError().answer(json, id()));
        }
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message, @Nullable String messageId) {
        return Mono.fromRunnable(() -> {
            if (message instanceof JSONRPCResponse response) {
                stream.finish(200, json.write(results.forCaller(caller, server.name(), request.method(), response)));
            } else {
                stream.send(json.write(message));
            }
        });
    }
}
