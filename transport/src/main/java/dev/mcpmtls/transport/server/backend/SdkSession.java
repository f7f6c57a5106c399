// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** A session of the SDK's. */
record SdkSession(SdkBackend backend, McpStreamableServerSession sdk, Mono<McpSchema.InitializeResult> initialized)
        implements BackendSession {

    @Override
    public String id() {
        return sdk.getId();
    }

    @Override
    public Mono<Welcome> welcome() {
        return initialized.map(result -> new Welcome(result.protocolVersion(), result));
    }

    @Override
    public Mono<Void> request(Caller caller, Request request, Outlet outlet) {
        return sdk.responseStream(new SdkOutlet(outlet))
                .handle(new JSONRPCRequest(request.method(), request.id(), request.params()))
                .contextWrite(context(caller));
    }

    @Override
    public Mono<Void> notification(Caller caller, Notification notification) {
        return sdk.accept(new JSONRPCNotification(notification.method(), notification.params()))
                .contextWrite(context(caller));
    }

    @Override
    public Mono<Void> answer(Caller caller, Response response) {
        JSONRPCResponse answer = backend.convert(response.whole(), new TypeRef<JSONRPCResponse>() {});
        return Mono.defer(() -> sdk.accept(answer))
                .onErrorMap(
                        McpError.class,
                        unknown -> RefusedException.invalidRequest("no request of the server has that id"))
                .contextWrite(context(caller));
    }

    private static Context context(Caller caller) {
        return Context.of(McpTransportContext.KEY, caller);
    }

    @Override
    public void listen(Outlet outlet) {
        sdk.listeningStream(new SdkOutlet(outlet));
    }

    @Override
    public void minLogLevel(String level) {
        sdk.setMinLoggingLevel(backend.convert(level, new TypeRef<McpSchema.LoggingLevel>() {}));
    }

    @Override
    public void close() {
        sdk.closeGracefully().onErrorComplete().subscribe();
    }
}
