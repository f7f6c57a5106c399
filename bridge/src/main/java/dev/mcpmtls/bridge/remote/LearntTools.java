// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.ToolHeaders;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;

/** The arguments that the tools' schemas want mirrored in headers, from the lists that have passed by. Thread-safe. */
final class LearntTools {

    private static final int MAX_TOOLS = 10_000;

    private final Map<String, List<Mirrored>> byTool = new ConcurrentHashMap<>();
    private final Consumer<String> notices;

    /** @param notices hears which tools are left out */
    LearntTools(Consumer<String> notices) {
        this.notices = notices;
    }

    /**
     * Learns from the answer to a {@code tools/list}.
     *
     * @return the answer without the tools whose annotations are not valid, which a client over HTTP must leave out; empty when it has none of them
     */
    Optional<Message.Response> learn(Message.Response answer) {
        if (!(read(answer.result()).get("tools") instanceof List<?> tools)) {
            return Optional.empty();
        }
        BitSet invalid = new BitSet();
        for (int index = 0; index < tools.size(); index++) {
            if (tools.get(index) instanceof Map<?, ?> tool && !isValid(tool)) {
                invalid.set(index);
            }
        }
        if (invalid.isEmpty()) {
            return Optional.empty();
        }
        String text = JsonText.filter(answer.text(), index -> !invalid.get(index), "result", "tools");
        return Optional.of((Message.Response) Message.parse(text));
    }

    private boolean isValid(Map<?, ?> tool) {
        String name = String.valueOf(tool.get("name"));
        ToolHeaders headers = ToolHeaders.of(tool.get("inputSchema"));
        boolean isValid = headers.defect().isEmpty();
        if (byTool.size() < MAX_TOOLS || byTool.containsKey(name)) {
            byTool.put(name, isValid ? headers.mirrored() : List.of());
        }
        if (!isValid) {
            notices.accept("the tool " + Printable.quote(name) + " is left out: "
                    + headers.defect().get());
        }
        return isValid;
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

    private static Map<String, Object> read(RawObject object) {
        try {
            return JsonValues.object(object.text());
        } catch (JacksonException e) {
            return Map.of(); // beyond the bounds of that reader: no headers, and the server says which it lacks
        }
    }
}
