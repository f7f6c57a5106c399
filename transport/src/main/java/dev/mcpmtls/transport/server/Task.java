// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.TaskBeginning;
import dev.mcpmtls.transport.server.caller.Caller;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpError;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Long work of a tool's handler, for which its client need not wait (the Tasks extension of MCP 2026-07-28).
 *
 * <pre>{@code
 * (exchange, request) -> {
 *     Task task = Task.begin(exchange);
 *     for (int page = 1; page <= pages; page++) {
 *         index(page);
 *         task.say("page " + page + " of " + pages);
 *     }
 *     return result;
 * }
 * }</pre>
 *
 * <p>With {@link #begin} a client that declares the extension {@value TaskStatus#EXTENSION} gets the answer that its call is a task. The handler
 * works on, and its result, its failure and its questions to the client become those of the task. Every other client waits for the result, as
 * without the call. The client asks for the task with further requests, over any connection of the same identity; each is decided like the
 * call itself. A task that its client cancels, or that takes longer than {@link
 * dev.mcpmtls.transport.server.caller.Limits#taskLifetime}, has its handler interrupted. Tasks are in memory: they end with the process.
 *
 * <p>In the 2026-07-28 era a handler that asks its client something before {@code begin} runs again from its beginning with the answer; after it,
 * it runs once and gets the answer where it asks.
 */
public final class Task {

    private final @Nullable Consumer<String> background;

    private Task(TaskBeginning beginning) {
        this.background = beginning.background();
    }

    /**
     * Makes the rest of a call a task, if its client knows tasks.
     *
     * @throws RuntimeException when the client has too many tasks, which it was told; the handler should end
     * @throws IllegalStateException when the call did not come through an {@link MtlsServerTransport}
     */
    public static Task begin(McpSyncServerExchange exchange) {
        Caller.from(exchange.transportContext());
        TaskBeginning beginning = new TaskBeginning();
        exchange.progressNotification(beginning.carrier());
        return new Task(beginning);
    }

    /** As the other, for an asynchronous handler: {@code Task.begin(exchange).flatMap(task -> work(task))}. */
    public static Mono<Task> begin(McpAsyncServerExchange exchange) {
        return Mono.defer(() -> {
            Caller.from(exchange.transportContext());
            TaskBeginning beginning = new TaskBeginning();
            return exchange.progressNotification(beginning.carrier())
                    .then(Mono.fromSupplier(() -> new Task(beginning)));
        });
    }

    /** Whether the client has its answer already, and need not wait. */
    public boolean isBackground() {
        return background != null;
    }

    /**
     * Refuses a client that would have to wait.
     *
     * @return this
     * @throws McpError with the code -32021, which the handler lets pass
     */
    public Task orRefuse() {
        if (isBackground()) {
            return this;
        }
        throw McpError.builder(ErrorCode.MISSING_CAPABILITY)
                .message("this tool takes long: it needs a client of MCP 2026-07-28 that declares the extension "
                        + TaskStatus.EXTENSION)
                .data(Map.of("requiredCapabilities", Map.of("extensions", Map.of(TaskStatus.EXTENSION, Map.of()))))
                .build();
    }

    /**
     * Says how far the work is, for the person who waits.
     *
     * @param status one short line; at most 1,000 characters are kept
     */
    public void say(String status) {
        if (background != null) {
            background.accept(status);
        }
    }
}
