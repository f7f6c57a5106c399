// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.TaskStatus;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A task of ours at a server, as the server described it last (Tasks extension of MCP 2026-07-28). All its texts are the server's own.
 *
 * @param id its name there, by which any client with our identity can ask for it
 * @param message how far it is, or why it ended as it did
 * @param createdAt by the server's clock; empty when it does not say
 * @param lifetime how long the server keeps it, from its creation on; empty when it does not say
 * @param pollInterval how long to wait before the next question, between 100 milliseconds and a minute
 */
public record RemoteTask(
        String id,
        TaskStatus status,
        Optional<String> message,
        Optional<Instant> createdAt,
        Optional<Duration> lifetime,
        Duration pollInterval) {

    static final String META = "dev.mcpmtls/task";

    /** The task in a server's words; empty when they are not of the extension's form. */
    static Optional<RemoteTask> of(Map<String, Object> members) {
        return TaskState.of(members)
                .map(state -> new RemoteTask(
                        state.id(),
                        state.status(),
                        state.message(),
                        state.createdAt(),
                        state.lifetime(),
                        state.pollInterval()));
    }

    /** The task that a call has become, in the result of a transport that {@linkplain MtlsClientTransport.Builder#background() does not wait}. */
    public static Optional<RemoteTask> in(CallToolResult result) {
        return result.meta() == null
                ? Optional.empty()
                : of(JsonRpcMessage.object(result.meta().get(META)));
    }
}
