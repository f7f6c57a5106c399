// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * A tool without side effects. Its definition (names, schemas, annotations: exactly what {@code tools/list} shows) is the
 * resource {@code <name>.json} beside the class that owns it; its behaviour is an {@link Answerer}.
 *
 * <p>Arguments are checked against the definition's input schema before the answerer sees them. A {@link ToolFailure} becomes a
 * result with {@code isError}; any other failure is logged here and reported to the caller without details.
 */
public final class ReadOnlyTool {

    private static final Logger LOG = LoggerFactory.getLogger(ReadOnlyTool.class);

    private ReadOnlyTool() {}

    /** The behaviour of a tool. It must not block, because it may run on an event loop. */
    @FunctionalInterface
    public interface Answerer {

        /**
         * Answers one call.
         *
         * @param arguments already checked against the input schema
         * @param context the transport's information about the caller
         * @return the answer, or a failed stage with a {@link ToolFailure}; throwing one does the same
         */
        CompletionStage<Reply> answer(Arguments arguments, McpTransportContext context);
    }

    /**
     * A tool's answer.
     *
     * @param text the answer as text
     * @param structured the answer as data: a record that fits the output schema
     */
    public record Reply(String text, Object structured) {}

    /**
     * The tool of that name.
     *
     * @param owner the class beside which {@code <name>.json} lies
     */
    public static AsyncToolSpecification of(Class<?> owner, String name, Answerer answerer) {
        Tool tool = definition(owner, name);
        return new AsyncToolSpecification(
                tool,
                (exchange, request) -> Mono.defer(() -> call(tool, request, exchange.transportContext(), answerer))
                        .onErrorResume(failure -> Mono.just(failed(name, failure))));
    }

    private static Mono<CallToolResult> call(
            Tool tool, CallToolRequest request, McpTransportContext context, Answerer answerer) {
        Arguments arguments = Arguments.check(tool.inputSchema(), request.arguments());
        return Mono.fromCompletionStage(answerer.answer(arguments, context)).map(ReadOnlyTool::succeeded);
    }

    private static CallToolResult succeeded(Reply reply) {
        return CallToolResult.builder()
                .addTextContent(reply.text())
                .structuredContent(reply.structured())
                .isError(false)
                .build();
    }

    private static CallToolResult failed(String name, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message;
        if (cause instanceof ToolFailure) {
            message = Objects.requireNonNull(cause.getMessage());
        } else {
            LOG.error("The tool {} failed", name, cause);
            message = "The tool " + name + " failed inside the server; its log says why.";
        }
        return CallToolResult.builder().addTextContent(message).isError(true).build();
    }

    private static Tool definition(Class<?> owner, String name) {
        try (InputStream json = Objects.requireNonNull(owner.getResourceAsStream(name + ".json"), name)) {
            return McpJsonDefaults.getMapper().readValue(json.readAllBytes(), Tool.class);
        } catch (IOException e) {
            throw new UncheckedIOException("The definition of the tool " + name + " cannot be read", e);
        }
    }
}
