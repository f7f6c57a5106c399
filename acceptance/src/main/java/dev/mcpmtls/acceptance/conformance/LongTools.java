// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import dev.mcpmtls.transport.server.Task;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServer.AsyncSpecification;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/** Tools whose work may become a task. */
final class LongTools {

    private LongTools() {}

    static void addTo(AsyncSpecification<?> server) {
        add(
                server,
                "greet",
                (client, call) ->
                        Mono.just(Sample.text("Hello, " + call.arguments().get("name") + "!")));
        add(server, "slow_compute", (client, call) -> {
            long millis = Math.round(1_000 * ((Number) call.arguments().getOrDefault("seconds", 1)).doubleValue());
            CallToolResult done = Sample.text("computed " + call.arguments().get("label"));
            return millis == 0
                    ? Mono.just(done)
                    : Task.begin(client)
                            .then(Mono.delay(Duration.ofMillis(millis)).thenReturn(done));
        });
        add(
                server,
                "failing_job",
                (client, call) -> Task.begin(client)
                        .map(Task::orRefuse)
                        .then(Mono.delay(Duration.ofSeconds(1)))
                        .thenReturn(CallToolResult.builder()
                                .addTextContent("the job failed")
                                .isError(true)
                                .build()));
        add(
                server,
                "protocol_error_job",
                (client, call) -> Task.begin(client)
                        .map(Task::orRefuse)
                        .then(Mono.error(McpError.builder(-32603)
                                .message("the job broke down")
                                .build())));
        add(
                server,
                "confirm_delete",
                (client, call) -> Task.begin(client)
                        .then(ask(client, "Delete it?", "confirm", "boolean"))
                        .map(answer -> Sample.text("deleted: " + answer.content())));
        add(
                server,
                "multi_input",
                (client, call) -> Task.begin(client)
                        .then(Mono.zip(
                                ask(client, "What is your name?", "name", "string"),
                                ask(client, "Are you sure?", "confirm", "boolean")))
                        .map(answers -> Sample.text("both answered: " + answers)));
        add(
                server,
                "test_tool_with_task",
                (client, call) -> ask(client, "What is your name?", "name", "string")
                        .flatMap(answer -> Task.begin(client)
                                .map(Task::orRefuse)
                                .thenReturn(Sample.text("Hello, " + answer.content()))));
    }

    private static void add(
            AsyncSpecification<?> server,
            String name,
            BiFunction<McpAsyncServerExchange, CallToolRequest, Mono<CallToolResult>> handler) {
        server.toolCall(PlainTools.tool(name), handler);
    }

    private static Mono<ElicitResult> ask(McpAsyncServerExchange client, String message, String property, String type) {
        Map<String, Object> schema = Map.of(
                "type", "object", "properties", Map.of(property, Map.of("type", type)), "required", List.of(property));
        return client.createElicitation(
                ElicitFormRequest.builder(message, schema).build());
    }
}
