// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServer.AsyncSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.LoggingLevel;
import io.modelcontextprotocol.spec.McpSchema.LoggingMessageNotification;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tools that send notifications before their result. */
final class NotifyingTools {

    private static final Duration PAUSE = Duration.ofMillis(50);

    private NotifyingTools() {}

    static void addTo(AsyncSpecification<?> server) {
        server.toolCall(PlainTools.tool("test_tool_with_logging"), (exchange, call) -> logs(exchange))
                .toolCall(PlainTools.tool("test_logging_tool"), (exchange, call) -> logs(exchange))
                .toolCall(PlainTools.tool("test_tool_with_progress"), NotifyingTools::progresses);
    }

    private static Mono<CallToolResult> logs(McpAsyncServerExchange exchange) {
        return Flux.just("Tool execution started", "Tool processing data", "Tool execution completed")
                .concatMap(
                        line -> exchange.loggingNotification(LoggingMessageNotification.builder(LoggingLevel.INFO, line)
                                        .build())
                                .then(Mono.delay(PAUSE)))
                .then(Mono.just(Sample.text("Three messages logged")));
    }

    private static Mono<CallToolResult> progresses(McpAsyncServerExchange exchange, CallToolRequest call) {
        Object token = call.progressToken();
        if (token == null) {
            return Mono.just(Sample.text("The client asked for no progress"));
        }
        return Flux.just(0, 50, 100)
                .concatMap(done -> exchange.progressNotification(ProgressNotification.builder(token, done)
                                .total(100.0)
                                .build())
                        .then(Mono.delay(PAUSE)))
                .then(Mono.just(Sample.text("Progress reported")));
    }
}
