// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import io.modelcontextprotocol.server.McpServer.AsyncSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Tools that always return the same. */
final class PlainTools {

    private static final String SCHEMA_2020_12 = """
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
             "$defs": {"address": {"$anchor": "addressDef", "type": "object",
               "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
             "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
               "contactMethod": {"type": "string", "enum": ["phone", "email"]},
               "phone": {"type": "string"}, "email": {"type": "string"}},
             "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
             "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
             "then": {"required": ["phone"]}, "else": {"required": ["email"]},
             "additionalProperties": false}""";

    private PlainTools() {}

    static void addTo(AsyncSpecification<?> server) {
        add(server, "test_simple_text", """
                {"content": [{"type": "text", "text": "This is a simple text response for testing."}]}""");
        add(server, "test_image_content", """
                {"content": [{"type": "image", "data": "%s", "mimeType": "image/png"}]}""".formatted(Sample.PNG));
        add(server, "test_audio_content", """
                {"content": [{"type": "audio", "data": "%s", "mimeType": "audio/wav"}]}""".formatted(Sample.WAV));
        add(server, "test_embedded_resource", """
                {"content": [{"type": "resource", "resource": {"uri": "test://embedded-resource", "mimeType": "text/plain",
                 "text": "This is an embedded resource content."}}]}""");
        add(server, "test_multiple_content_types", """
                {"content": [{"type": "text", "text": "Multiple content types test:"},
                 {"type": "image", "data": "%s", "mimeType": "image/png"},
                 {"type": "resource", "resource": {"uri": "test://mixed-content-resource",
                  "mimeType": "application/json", "text": "{\\"test\\":\\"data\\",\\"value\\":123}"}}]}""".formatted(Sample.PNG));
        add(server, "test_error_handling", """
                {"isError": true, "content": [{"type": "text",
                 "text": "This tool intentionally returns an error for testing"}]}""");
        add(server, "json_schema_2020_12_tool", SCHEMA_2020_12, """
                {"content": [{"type": "text", "text": "valid"}]}""");
        add(server, "test_mirrored_parameter", """
                {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}""", """
                {"content": [{"type": "text", "text": "the header agrees"}]}""");
    }

    private static void add(AsyncSpecification<?> server, String name, String result) {
        add(server, name, "{\"type\": \"object\"}", result);
    }

    private static void add(AsyncSpecification<?> server, String name, String schema, String result) {
        CallToolResult always = Sample.of(CallToolResult.class, result);
        server.toolCall(tool(name, Sample.object(schema)), (exchange, call) -> Mono.just(always));
    }

    static Tool tool(String name, Map<String, Object> schema) {
        return Tool.builder(name, schema).description("Fixture " + name).build();
    }

    static Tool tool(String name) {
        return tool(name, Map.of("type", "object"));
    }
}
