// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.util.List;
import java.util.Map;

/** Calls tools as the SDK's server does, without a connection, and checks every answer against the tool's output schema. */
public final class Calls {

    private final List<AsyncToolSpecification> tools;

    public Calls(List<AsyncToolSpecification> tools) {
        this.tools = tools;
    }

    public String text(String tool, Map<String, Object> arguments) {
        CallToolResult result = call(tool, arguments);
        assertThat(result.isError()).as(result.toString()).isFalse();
        return textOf(result);
    }

    public String error(String tool, Map<String, Object> arguments) {
        CallToolResult result = call(tool, arguments);
        assertThat(result.isError()).as(result.toString()).isTrue();
        return textOf(result);
    }

    public Map<String, Object> structured(String tool, Map<String, Object> arguments) {
        Object structured = call(tool, arguments).structuredContent();
        return McpJsonDefaults.getMapper().convertValue(structured, new TypeRef<Map<String, Object>>() {});
    }

    public CallToolResult call(String tool, Map<String, Object> arguments) {
        AsyncToolSpecification specification = tools.stream()
                .filter(candidate -> candidate.tool().name().equals(tool))
                .findFirst()
                .orElseThrow();
        var exchange = new McpAsyncServerExchange("session", null, null, null, McpTransportContext.EMPTY);
        CallToolResult result = specification
                .callHandler()
                .apply(
                        exchange,
                        CallToolRequest.builder(tool).arguments(arguments).build())
                .block();
        if (!result.isError()) {
            var validation = McpJsonDefaults.getSchemaValidator()
                    .validate(specification.tool().outputSchema(), result.structuredContent());
            assertThat(validation.valid()).as(validation.errorMessage()).isTrue();
        }
        return result;
    }

    private static String textOf(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }
}
