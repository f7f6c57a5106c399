// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.ToolHeaders;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The tools of a server, as its lists showed them: every answer to {@code tools/list} passes here. Thread-safe. */
public final class ToolCatalog {

    private static final int MAX_TOOLS = 10_000;

    private final Map<String, List<Mirrored>> mirrored = new ConcurrentHashMap<>();

    /** Learns from an answer to {@code tools/list}, or a page of one. */
    public void learn(Response answer) {
        if (JsonRpcMessage.object(answer.whole().get("result")).get("tools") instanceof List<?> tools) {
            tools.stream().map(JsonRpcMessage::object).forEach(this::learn);
        }
    }

    private void learn(Map<String, Object> tool) {
        if (tool.get("name") instanceof String name && mirrored.size() < MAX_TOOLS) {
            mirrored.put(name, ToolHeaders.of(tool.get("inputSchema")).mirrored());
        }
    }

    /** The arguments that a tool wants mirrored in headers; empty when it was not listed. */
    public Optional<List<Mirrored>> mirrored(String tool) {
        return Optional.ofNullable(mirrored.get(tool));
    }
}
