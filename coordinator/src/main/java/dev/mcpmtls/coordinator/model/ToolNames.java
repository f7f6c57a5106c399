// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Tools of MCP servers as functions of a model: names in the letters that model servers take, descriptions of bounded length. */
final class ToolNames {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_TOOLS = 128;
    private static final int MAX_NAME = 64;
    private static final int MAX_DESCRIPTION = 1024;
    private static final int MAX_SCHEMA = 16 * 1024;

    private final Map<String, Tool> byFunction = new LinkedHashMap<>();

    ToolNames(List<Tool> offered) {
        for (Tool tool : offered.subList(0, Math.min(offered.size(), MAX_TOOLS))) {
            String wanted = tool.name().replaceAll("[^A-Za-z0-9_-]", "_");
            String name = wanted.substring(0, Math.min(wanted.length(), MAX_NAME));
            for (int i = 2; byFunction.containsKey(name); i++) {
                String number = "_" + i;
                name = wanted.substring(0, Math.min(wanted.length(), MAX_NAME - number.length())) + number;
            }
            byFunction.put(name, tool);
        }
    }

    @Nullable
    Tool tool(String function) {
        return byFunction.get(function);
    }

    List<ToolSpecification> functions() {
        return byFunction.entrySet().stream()
                .map(entry -> function(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static ToolSpecification function(String name, Tool tool) {
        String description = Objects.requireNonNullElse(tool.description(), "");
        return ToolSpecification.builder()
                .name(name)
                .description(description.substring(0, Math.min(description.length(), MAX_DESCRIPTION)))
                .parameters(parameters(tool.inputSchema()))
                .build();
    }

    /** The schema's properties as they are; a schema of unusual size or form is offered as an object of anything. */
    private static JsonObjectSchema parameters(@Nullable Map<String, Object> schema) {
        JsonObjectSchema.Builder parameters = JsonObjectSchema.builder();
        if (schema == null || !(schema.get("properties") instanceof Map<?, ?> properties)) {
            return parameters.build();
        }
        if (JSON.writeValueAsString(schema).length() > MAX_SCHEMA) {
            return parameters.build();
        }
        properties.forEach((name, property) ->
                parameters.addProperty(String.valueOf(name), JsonRawSchema.from(JSON.writeValueAsString(property))));
        if (schema.get("required") instanceof List<?> required) {
            parameters.required(required.stream()
                    .map(String::valueOf)
                    .filter(properties::containsKey)
                    .toList());
        }
        return parameters.build();
    }
}
