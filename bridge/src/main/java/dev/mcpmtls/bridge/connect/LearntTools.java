// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.ToolHeaders;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The arguments that the tools' schemas want mirrored in headers, from the lists that have passed by. Thread-safe. */
final class LearntTools {

    private static final int MAX_TOOLS = 10_000;

    private final Map<String, List<Mirrored>> byTool = new ConcurrentHashMap<>();

    /** Learns from the result of a {@code tools/list}. */
    void learn(RawObject result) {
        if (read(result).get("tools") instanceof List<?> tools) {
            tools.stream()
                    .filter(Map.class::isInstance)
                    .map(Map.class::cast)
                    .limit(MAX_TOOLS)
                    .forEach(tool -> know(String.valueOf(tool.get("name")), ToolHeaders.of(tool.get("inputSchema"))));
        }
    }

    private void know(String tool, ToolHeaders headers) {
        if (byTool.size() < MAX_TOOLS || byTool.containsKey(tool)) {
            byTool.put(tool, headers.defect().isEmpty() ? headers.mirrored() : List.of());
        }
    }

    boolean knows(String tool) {
        return byTool.containsKey(tool);
    }

    /** A tool that no list has; it is not looked for again. */
    void isUnlisted(String tool) {
        if (byTool.size() < MAX_TOOLS) {
            byTool.putIfAbsent(tool, List.of());
        }
    }

    /** The headers for a call; none for a tool that no list has. */
    Map<String, String> headers(String tool, RawObject arguments) {
        List<Mirrored> wanted = byTool.getOrDefault(tool, List.of());
        if (wanted.isEmpty()) {
            return Map.of();
        }
        Map<String, Object> values = read(arguments);
        Map<String, String> headers = new LinkedHashMap<>();
        for (Mirrored mirrored : wanted) {
            HeaderValue.encodeArgument(mirrored.in(values)).ifPresent(value -> headers.put(mirrored.header(), value));
        }
        return headers;
    }

    @SuppressWarnings("unchecked") // a JSON object
    private static Map<String, Object> read(RawObject object) {
        try {
            return JsonMapper.shared().readValue(object.text(), Map.class);
        } catch (JacksonException e) {
            return Map.of(); // beyond the bounds of that reader: no headers, and the server says which it lacks
        }
    }
}
