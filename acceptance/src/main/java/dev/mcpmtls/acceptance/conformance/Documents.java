// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import io.modelcontextprotocol.server.McpServer.AsyncSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncCompletionSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncResourceTemplateSpecification;
import io.modelcontextprotocol.spec.McpSchema.CompleteResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.Prompt;
import io.modelcontextprotocol.spec.McpSchema.PromptReference;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;
import io.modelcontextprotocol.spec.McpSchema.Resource;
import io.modelcontextprotocol.spec.McpSchema.ResourceTemplate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Resources, prompts and completions. */
final class Documents {

    private Documents() {}

    static void addTo(AsyncSpecification<?> server) {
        resource(server, "test://static-text", """
                {"contents": [{"uri": "test://static-text", "mimeType": "text/plain",
                 "text": "This is the content of the static text resource."}]}""");
        resource(server, "test://static-binary", """
                {"contents": [{"uri": "test://static-binary", "mimeType": "image/png", "blob": "%s"}]}""".formatted(Sample.PNG));
        resource(server, "test://watched-resource", """
                {"contents": [{"uri": "test://watched-resource", "mimeType": "text/plain", "text": "watched"}]}""");
        template(server);
        prompt(server, "test_simple_prompt", List.of(), arguments -> """
                {"messages": [{"role": "user", "content": {"type": "text", "text": "This is a simple prompt for testing."}}]}""");
        prompt(server, "test_prompt_with_arguments", List.of("arg1", "arg2"), arguments ->
                """
                {"messages": [{"role": "user", "content": {"type": "text",
                 "text": "Prompt with arguments: arg1='%s', arg2='%s'"}}]}""".formatted(arguments.get("arg1"), arguments.get("arg2")));
        prompt(server, "test_prompt_with_embedded_resource", List.of("resourceUri"), arguments ->
                """
                {"messages": [{"role": "user", "content": {"type": "resource", "resource": {"uri": "%s",
                 "mimeType": "text/plain", "text": "Embedded resource content for testing."}}},
                 {"role": "user", "content": {"type": "text", "text": "Please process the embedded resource above."}}]}""".formatted(arguments.get("resourceUri")));
        prompt(server, "test_prompt_with_image", List.of(), arguments -> """
                {"messages": [{"role": "user", "content": {"type": "image", "data": "%s", "mimeType": "image/png"}},
                 {"role": "user", "content": {"type": "text", "text": "Please analyze the image above."}}]}""".formatted(Sample.PNG));
        server.completions(new AsyncCompletionSpecification(
                new PromptReference("test_prompt_with_arguments"),
                (exchange, request) -> Mono.just(Sample.of(CompleteResult.class, """
                        {"completion": {"values": ["test", "testing"], "total": 2, "hasMore": false}}"""))));
    }

    private static void resource(AsyncSpecification<?> server, String uri, String content) {
        Resource resource = Sample.of(Resource.class, """
                {"uri": "%s", "name": "%s", "description": "Fixture %s"}""".formatted(uri, uri, uri));
        ReadResourceResult result = Sample.of(ReadResourceResult.class, content);
        server.resources(new AsyncResourceSpecification(resource, (exchange, request) -> Mono.just(result)));
    }

    private static void template(AsyncSpecification<?> server) {
        ResourceTemplate template = Sample.of(ResourceTemplate.class, """
                {"uriTemplate": "test://template/{id}/data", "name": "template", "description": "Fixture template",
                 "mimeType": "application/json"}""");
        server.resourceTemplates(new AsyncResourceTemplateSpecification(template, (exchange, request) -> {
            String id = request.uri().replaceFirst("test://template/(.*)/data", "$1");
            return Mono.just(Sample.of(ReadResourceResult.class, """
                    {"contents": [{"uri": "%s", "mimeType": "application/json",
                     "text": "{\\"id\\":\\"%s\\",\\"templateTest\\":true,\\"data\\":\\"Data for ID: %s\\"}"}]}""".formatted(request.uri(), id, id)));
        }));
    }

    private static void prompt(
            AsyncSpecification<?> server,
            String name,
            List<String> arguments,
            Function<Map<String, Object>, String> result) {
        StringBuilder declared = new StringBuilder();
        for (String argument : arguments) {
            declared.append(declared.isEmpty() ? "" : ",");
            declared.append("{\"name\": \"").append(argument).append("\", \"required\": true}");
        }
        Prompt prompt = Sample.of(Prompt.class, """
                {"name": "%s", "description": "Fixture %s", "arguments": [%s]}""".formatted(name, name, declared));
        server.prompts(new AsyncPromptSpecification(prompt, (exchange, request) -> {
            Map<String, Object> given = Objects.requireNonNullElse(request.arguments(), Map.of());
            return Mono.just(Sample.of(GetPromptResult.class, result.apply(given)));
        }));
    }
}
