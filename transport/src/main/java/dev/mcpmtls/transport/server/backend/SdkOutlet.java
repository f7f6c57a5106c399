// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStreamableServerTransport;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The transport that the SDK writes to; passes its messages on. */
record SdkOutlet(Outlet outlet) implements McpStreamableServerTransport {

    // How the SDK's exchange says that a handler asked for what the client did not declare.
    private static final String UNDECLARED = "Client must be configured with";

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message, @Nullable String messageId) {
        return Mono.defer(() -> {
            if (message instanceof JSONRPCResponse response) {
                answer(response);
            } else if (message instanceof JSONRPCNotification notification) {
                TaskBeginning.in(notification.params())
                        .ifPresentOrElse(
                                begins -> begins.with(outlet.becomeTask()),
                                () -> outlet.notification(notification.method(), notification.params()));
            } else if (message instanceof JSONRPCRequest question) {
                return outlet.question(question.id(), question.method(), question.params());
            }
            return Mono.empty();
        });
    }

    private void answer(JSONRPCResponse response) {
        JSONRPCResponse.JSONRPCError error = response.error();
        if (error != null) {
            outlet.error(new Outlet.Failure(error.code(), error.message(), error.data(), undeclared(error.message())));
            return;
        }
        Object result = response.result();
        if (result instanceof McpSchema.CallToolResult called && Boolean.TRUE.equals(called.isError())) {
            outlet.observation().failed("tool_error");
        }
        Map<String, Object> meta = result instanceof McpSchema.Meta has ? has.meta() : null;
        outlet.result(result, meta == null ? Map.of() : meta);
    }

    private static @Nullable String undeclared(String message) {
        if (!message.startsWith(UNDECLARED)) {
            return null;
        }
        return message.contains("sampling") ? "sampling" : "elicitation";
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return sendMessage(message, null);
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return McpJsonDefaults.getMapper().convertValue(data, type);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    @Override
    public void close() {}
}
