// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServer.AsyncSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncPromptSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.CreateMessageRequest;
import io.modelcontextprotocol.spec.McpSchema.CreateMessageResult;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.Prompt;
import java.util.Map;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/** Tools and a prompt that ask the client's user, model or file system. */
final class AskingFeatures {

    private static final String ANY = "{\"type\": \"object\"}";
    private static final String MESSAGE = property("message");
    private static final String PROMPT = property("prompt");

    private AskingFeatures() {}

    static void addTo(AsyncSpecification<?> server) {
        add(
                server,
                "test_sampling",
                PROMPT,
                (client, call) -> sample(client, argument(call, "prompt"), "sampled")
                        .map(answer -> Sample.text("LLM response: " + answer.content())));
        add(
                server,
                "test_missing_capability",
                ANY,
                (client, call) ->
                        sample(client, "Say anything", "sampled").map(answer -> Sample.text("the client can sample")));
        add(
                server,
                "test_elicitation",
                MESSAGE,
                (client, call) -> elicit(client, argument(call, "message"), "user", """
                        {"username": {"type": "string", "description": "User's response"},
                         "email": {"type": "string", "description": "User's email address"}}""", "username", "email")
                        .map(answer -> outcome("User response: action=", answer)));
        add(
                server,
                "test_elicitation_sep1034_defaults",
                ANY,
                (client, call) -> elicit(client, "Defaults", "defaults", """
                        {"name": {"type": "string", "default": "John Doe"}, "age": {"type": "integer", "default": 30},
                         "score": {"type": "number", "default": 95.5},
                         "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
                         "verified": {"type": "boolean", "default": true}}""")
                        .map(answer -> outcome("Elicitation completed: action=", answer)));
        add(
                server,
                "test_elicitation_sep1330_enums",
                ANY,
                (client, call) -> elicit(client, "Choices", "choices", """
                        {"untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
                         "titledSingle": {"type": "string", "oneOf": [{"const": "value1", "title": "First Option"},
                           {"const": "value2", "title": "Second Option"}, {"const": "value3", "title": "Third Option"}]},
                         "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"],
                           "enumNames": ["Option One", "Option Two", "Option Three"]},
                         "untitledMulti": {"type": "array",
                           "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
                         "titledMulti": {"type": "array", "items": {"anyOf": [{"const": "value1", "title": "First Choice"},
                           {"const": "value2", "title": "Second Choice"}, {"const": "value3", "title": "Third Choice"}]}}}""")
                        .map(answer -> outcome("Elicitation completed: action=", answer)));
        addRounds(server);
    }

    private static void addRounds(AsyncSpecification<?> server) {
        add(
                server,
                "test_input_required_result_elicitation",
                ANY,
                (client, call) -> name(client, "user_name").map(answer -> outcome("Hello! ", answer)));
        add(
                server,
                "test_streaming_elicitation",
                ANY,
                (client, call) -> name(client, "user_name").map(answer -> outcome("Hello! ", answer)));
        add(
                server,
                "test_input_required_result_sampling",
                ANY,
                (client, call) -> sample(client, "What is the capital of France?", "capital_question")
                        .map(answer -> Sample.text(String.valueOf(answer.content()))));
        add(
                server,
                "test_input_required_result_list_roots",
                ANY,
                (client, call) -> client.listRoots().map(answer -> Sample.text("Roots: " + answer.roots())));
        add(
                server,
                "test_input_required_result_request_state",
                ANY,
                (client, call) -> confirm(client).map(answer -> Sample.text("state-ok")));
        add(
                server,
                "test_input_required_result_tampered_state",
                ANY,
                (client, call) -> confirm(client).map(answer -> Sample.text("state-ok")));
        add(
                server,
                "test_input_required_result_multiple_inputs",
                ANY,
                (client, call) -> Mono.zip(
                                name(client, "user_name"),
                                sample(client, "Generate a greeting", "greeting"),
                                client.listRoots())
                        .map(answers -> Sample.text("All three answered: " + answers)));
        add(
                server,
                "test_input_required_result_multi_round",
                ANY,
                (client, call) -> name(client, "step1")
                        .flatMap(first -> elicit(client, "Step 2: What is your favorite color?", "step2", """
                        {"color": {"type": "string"}}""", "color"))
                        .map(answer -> outcome("Both steps done: ", answer)));
        add(server, "test_input_required_result_capabilities", ANY, AskingFeatures::askWhatCanBeAsked);
        Prompt prompt = Sample.of(Prompt.class, """
                {"name": "test_input_required_result_prompt", "description": "Fixture of a prompt that asks"}""");
        server.prompts(new AsyncPromptSpecification(
                prompt,
                (client, request) -> elicit(
                                client, "What context should the prompt use?", "user_context", """
                        {"context": {"type": "string"}}""", "context")
                        .map(answer -> Sample.of(GetPromptResult.class, """
                        {"messages": [{"role": "user", "content": {"type": "text", "text": "With context"}}]}"""))));
    }

    private static Mono<CallToolResult> askWhatCanBeAsked(McpAsyncServerExchange client, CallToolRequest call) {
        boolean samples = client.getClientCapabilities().sampling() != null;
        Mono<?> answer = samples ? sample(client, "Say anything", "sampled") : confirm(client);
        return answer.map(said -> Sample.text("asked what the client can be asked"));
    }

    private static void add(
            AsyncSpecification<?> server,
            String name,
            String schema,
            BiFunction<McpAsyncServerExchange, CallToolRequest, Mono<CallToolResult>> handler) {
        server.toolCall(PlainTools.tool(name, Sample.object(schema)), handler);
    }

    private static Mono<ElicitResult> name(McpAsyncServerExchange client, String key) {
        return elicit(client, "What is your name?", key, "{\"name\": {\"type\": \"string\"}}", "name");
    }

    private static Mono<ElicitResult> confirm(McpAsyncServerExchange client) {
        return elicit(client, "Please confirm", "confirm", "{\"ok\": {\"type\": \"boolean\"}}", "ok");
    }

    private static Mono<ElicitResult> elicit(
            McpAsyncServerExchange client, String message, String key, String properties, String... required) {
        Map<String, Object> schema = Map.of(
                "type", "object", "properties", Sample.object(properties), "required", java.util.List.of(required));
        return client.createElicitation(
                ElicitFormRequest.builder(message, schema).meta(key(key)).build());
    }

    private static Mono<CreateMessageResult> sample(McpAsyncServerExchange client, String prompt, String key) {
        CreateMessageRequest request = Sample.of(CreateMessageRequest.class, """
                {"messages": [{"role": "user", "content": {"type": "text", "text": "%s"}}], "maxTokens": 100,
                 "_meta": {"dev.mcpmtls/input-key": "%s"}}""".formatted(prompt, key));
        return client.createMessage(request);
    }

    private static Map<String, Object> key(String key) {
        return Map.of("dev.mcpmtls/input-key", key);
    }

    private static CallToolResult outcome(String prefix, ElicitResult answer) {
        return Sample.text(
                prefix + answer.action().name().toLowerCase(java.util.Locale.ROOT) + ", content=" + answer.content());
    }

    private static String argument(CallToolRequest call, String name) {
        return String.valueOf(call.arguments().get(name));
    }

    private static String property(String name) {
        return """
                {"type": "object", "properties": {"%s": {"type": "string"}}, "required": ["%s"]}""".formatted(name, name);
    }
}
