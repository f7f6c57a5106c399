// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.HeaderValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The arguments that tools want mirrored into {@code Mcp-Param-} headers, learnt from the tools' schemas.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http">Custom Headers from
 *     Tool Parameters, 2026-07-28</a>
 */
final class ToolHeaders {

    private static final Logger LOG = LoggerFactory.getLogger(ToolHeaders.class);
    private static final String ANNOTATION = "x-mcp-header";
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Set<String> TYPES = Set.of("string", "integer", "boolean");
    private static final int MAX_DEPTH = 32;

    private final Map<String, List<Mirrored>> byTool = new ConcurrentHashMap<>();

    /** @param path the keys that lead to the argument */
    private record Mirrored(String header, List<String> path) {}

    /** Learns from the tools of a {@code tools/list} result, and gives back those whose annotations are valid. */
    List<Object> learn(List<?> tools) {
        List<Object> valid = new ArrayList<>();
        for (Object tool : tools) {
            if (tool instanceof Map<?, ?> definition) {
                String name = String.valueOf(definition.get("name"));
                Optional<String> defect = learn(name, definition.get("inputSchema"));
                if (defect.isEmpty()) {
                    valid.add(tool);
                } else {
                    LOG.warn("the tool {} is left out: {}", Printable.quote(name), defect.get());
                }
            }
        }
        return valid;
    }

    private Optional<String> learn(String tool, @Nullable Object schema) {
        List<Mirrored> found = new ArrayList<>();
        try {
            collect(schema, List.of(), true, new HashSet<>(), found);
        } catch (IllegalArgumentException e) {
            byTool.remove(tool);
            return Optional.of(String.valueOf(e.getMessage()));
        }
        byTool.put(tool, found);
        return Optional.empty();
    }

    /** @param reachable whether the way from the root led through {@code properties} only */
    private static void collect(
            @Nullable Object node, List<String> path, boolean reachable, Set<String> names, List<Mirrored> found) {
        if (path.size() > MAX_DEPTH) {
            throw new IllegalArgumentException("its schema is nested deeper than " + MAX_DEPTH);
        }
        if (node instanceof List<?> list) {
            list.forEach(member -> collect(member, grown(path, "[]"), false, names, found));
        }
        if (!(node instanceof Map<?, ?> schema)) {
            return;
        }
        if (schema.get(ANNOTATION) != null) {
            found.add(annotation(schema, path, reachable, names));
        }
        schema.forEach((keyword, value) -> {
            if (keyword.equals("properties") && value instanceof Map<?, ?> properties) {
                properties.forEach((name, property) ->
                        collect(property, grown(path, String.valueOf(name)), reachable, names, found));
            } else if (!keyword.equals(ANNOTATION) && !isData(String.valueOf(keyword))) {
                collect(value, grown(path, String.valueOf(keyword)), false, names, found);
            }
        });
    }

    /** Keywords whose values are examples of data, not schemas. */
    private static boolean isData(String keyword) {
        return Set.of("const", "enum", "default", "examples").contains(keyword);
    }

    private static Mirrored annotation(Map<?, ?> schema, List<String> path, boolean reachable, Set<String> names) {
        String name = String.valueOf(schema.get(ANNOTATION));
        if (!(schema.get(ANNOTATION) instanceof String) || !TOKEN.matcher(name).matches()) {
            throw new IllegalArgumentException(ANNOTATION + " " + Printable.quote(name) + " is not a header name");
        }
        if (!reachable || path.isEmpty() || !TYPES.contains(String.valueOf(schema.get("type")))) {
            throw new IllegalArgumentException(
                    ANNOTATION + " " + Printable.quote(name) + " is not on a string, integer or boolean argument");
        }
        if (!names.add(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(ANNOTATION + " " + Printable.quote(name) + " is there twice");
        }
        return new Mirrored("Mcp-Param-" + name, path);
    }

    private static List<String> grown(List<String> path, String key) {
        List<String> grown = new ArrayList<>(path);
        grown.add(key);
        return grown;
    }

    /** The headers for a call of {@code tool}; none for a tool not yet learnt. */
    Map<String, String> headers(String tool, Map<String, Object> arguments) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Mirrored mirrored : byTool.getOrDefault(tool, List.of())) {
            HeaderValue.encodeArgument(at(arguments, mirrored.path()))
                    .ifPresent(value -> headers.put(mirrored.header(), value));
        }
        return headers;
    }

    private static @Nullable Object at(Object root, List<String> path) {
        Object node = root;
        for (String key : path) {
            node = node instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return node;
    }
}
