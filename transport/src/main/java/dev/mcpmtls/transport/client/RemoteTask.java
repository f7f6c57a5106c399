// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.TaskStatus;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    private static final long LEAST_POLL_MILLIS = 100;
    private static final long POLL_MILLIS = 1_000;
    private static final long MOST_POLL_MILLIS = 60_000;
    private static final int MAX_ID = 1_024;

    /** The task in a server's words; empty when they are not of the extension's form. */
    static Optional<RemoteTask> of(Map<String, Object> members) {
        Optional<TaskStatus> status = TaskStatus.of(String.valueOf(members.get("status")));
        if (!(members.get("taskId") instanceof String id) || id.isEmpty() || id.length() > MAX_ID || status.isEmpty()) {
            return Optional.empty();
        }
        long poll = members.get("pollIntervalMs") instanceof Number millis ? millis.longValue() : POLL_MILLIS;
        return Optional.of(new RemoteTask(
                id,
                status.get(),
                Codec.text(members, "statusMessage").filter(text -> !text.isBlank()),
                instant(members.get("createdAt")),
                members.get("ttlMs") instanceof Number millis
                        ? Optional.of(Duration.ofMillis(millis.longValue()))
                        : Optional.empty(),
                Duration.ofMillis(Math.max(LEAST_POLL_MILLIS, Math.min(MOST_POLL_MILLIS, poll)))));
    }

    private static Optional<Instant> instant(@Nullable Object text) {
        try {
            return text instanceof String at ? Optional.of(Instant.parse(at)) : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The task that a call has become, in the result of a transport that {@linkplain MtlsClientTransport.Builder#background() does not wait}. */
    public static Optional<RemoteTask> in(CallToolResult result) {
        return result.meta() == null
                ? Optional.empty()
                : of(JsonRpcMessage.object(result.meta().get(META)));
    }
}
