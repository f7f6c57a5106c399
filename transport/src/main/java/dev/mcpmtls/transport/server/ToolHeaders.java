// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import io.modelcontextprotocol.spec.McpSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parameters of a tool that its input schema wants mirrored in {@code Mcp-Param-*} headers. */
final class ToolHeaders {

    /**
     * One such parameter.
     *
     * @param header in lower case
     * @param path from the arguments' root, through objects
     */
    record Mirrored(String header, List<String> path) {}

    private static final int MAX_DEPTH = 16;

    private ToolHeaders() {}

    /** All of a tool, as far as {@code properties} chains reach. */
    static List<Mirrored> of(McpSchema.Tool tool) {
        List<Mirrored> found = new ArrayList<>();
        if (tool.inputSchema() != null) {
            collect(tool.inputSchema(), List.of(), found);
        }
        return List.copyOf(found);
    }

    private static void collect(Map<String, Object> schema, List<String> path, List<Mirrored> found) {
        if (path.size() >= MAX_DEPTH) {
            return;
        }
        JsonRpcMessage.object(schema.get("properties")).forEach((name, value) -> {
            Map<String, Object> property = JsonRpcMessage.object(value);
            List<String> deeper = new ArrayList<>(path);
            deeper.add(name);
            if (property.get("x-mcp-header") instanceof String header) {
                found.add(new Mirrored("mcp-param-" + header.toLowerCase(java.util.Locale.ROOT), List.copyOf(deeper)));
            }
            collect(property, deeper, found);
        });
    }
}
