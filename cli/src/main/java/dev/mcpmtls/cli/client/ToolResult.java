// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The result of a tool, as it is printed. */
final class ToolResult {

    private static final int MAX_ERROR_LINES = 50;

    private ToolResult() {}

    /**
     * Prints it.
     *
     * @param result the members of a {@code CallToolResult}
     *
     * @throws Failure when the tool reports an error
     */
    static void report(Map<String, Object> result, Invocation invocation) {
        String text = result.get("content") instanceof List<?> contents
                ? contents.stream().map(ToolResult::text).collect(Collectors.joining("\n"))
                : "";
        if (Boolean.TRUE.equals(result.get("isError"))) {
            throw new Failure(ExitCode.FAILED, quoted(text));
        }
        if (invocation.wantsJson()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("text", text);
            object.put("structuredContent", result.get("structuredContent"));
            invocation.console().json(object);
        } else {
            invocation.console().printLines(text);
        }
    }

    private static String text(Object content) {
        Map<String, Object> members = JsonRpcMessage.object(content);
        return "text".equals(members.get("type"))
                ? String.valueOf(members.getOrDefault("text", ""))
                : "(" + members.get("type") + ")";
    }

    /** A tool's error, whose own lines cannot be taken for ours. */
    private static List<String> quoted(String text) {
        List<String> lines = new ArrayList<>();
        text.lines().limit(MAX_ERROR_LINES).forEach(line -> lines.add(lines.isEmpty() ? line : "| " + line));
        return lines.isEmpty() ? List.of("the tool failed, and does not say why") : lines;
    }
}
