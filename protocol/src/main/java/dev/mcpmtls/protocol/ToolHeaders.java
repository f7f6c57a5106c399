// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that a tool's input schema wants mirrored in {@code Mcp-Param-*} headers. Clients leave out a tool with a
 * {@link #defect}; a server holds calls against what is {@link #mirrored} in any case.
 *
 * @param mirrored the annotated arguments that {@code properties} alone lead to
 * @param defect why the annotations are not valid; holds words of the schema as they are
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http">Custom Headers from
 *     Tool Parameters, 2026-07-28</a>
 */
public record ToolHeaders(List<Mirrored> mirrored, Optional<String> defect) {

    /**
     * One argument.
     *
     * @param header the whole name of the header
     * @param path the keys that lead to it from the arguments' root
     */
    public record Mirrored(String header, List<String> path) {

        /** The argument's value; null when it is absent. */
        public @Nullable Object in(@Nullable Object arguments) {
            Object value = arguments;
            for (String key : path) {
                value = value instanceof Map<?, ?> object ? object.get(key) : null;
            }
            return value;
        }
    }

    private static final String ANNOTATION = "x-mcp-header";
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Set<String> TYPES = Set.of("string", "integer", "boolean");
    private static final int MAX_DEPTH = 32;

    /** Reads a tool's input schema. */
    public static ToolHeaders of(@Nullable Object schema) {
        Walk walk = new Walk();
        walk.visit(schema, List.of(), true);
        return new ToolHeaders(List.copyOf(walk.found), walk.defects.stream().findFirst());
    }

    private static final class Walk {

        private final List<Mirrored> found = new ArrayList<>();
        private final List<String> defects = new ArrayList<>();
        private final Set<String> names = new HashSet<>();

        /** @param reachable whether the way from the root led through {@code properties} only */
        void visit(@Nullable Object node, List<String> path, boolean reachable) {
            if (path.size() > MAX_DEPTH) {
                defects.add("its schema is nested deeper than " + MAX_DEPTH);
                return;
            }
            if (node instanceof List<?> list) {
                list.forEach(member -> visit(member, grown(path, "[]"), false));
            }
            if (!(node instanceof Map<?, ?> schema)) {
                return;
            }
            if (schema.get(ANNOTATION) != null) {
                annotation(schema, path, reachable && !path.isEmpty());
            }
            schema.forEach((keyword, value) -> {
                if (keyword.equals("properties") && value instanceof Map<?, ?> properties) {
                    properties.forEach(
                            (name, property) -> visit(property, grown(path, String.valueOf(name)), reachable));
                } else if (!keyword.equals(ANNOTATION) && !isData(String.valueOf(keyword))) {
                    visit(value, grown(path, String.valueOf(keyword)), false);
                }
            });
        }

        private void annotation(Map<?, ?> schema, List<String> path, boolean reachable) {
            Object annotation = schema.get(ANNOTATION);
            String name = String.valueOf(annotation);
            if (annotation instanceof String && reachable) {
                found.add(new Mirrored(HeaderName.PARAMETER_PREFIX + name, path));
            }
            if (!(annotation instanceof String) || !TOKEN.matcher(name).matches()) {
                defects.add(ANNOTATION + " '" + name + "' is not a header name");
            } else if (!reachable || !TYPES.contains(String.valueOf(schema.get("type")))) {
                defects.add(ANNOTATION + " '" + name + "' is not on a string, integer or boolean argument");
            } else if (!names.add(name.toLowerCase(Locale.ROOT))) {
                defects.add(ANNOTATION + " '" + name + "' is there twice");
            }
        }

        /** Keywords whose values are examples of data, not schemas. */
        private static boolean isData(String keyword) {
            return Set.of("const", "enum", "default", "examples").contains(keyword);
        }

        private static List<String> grown(List<String> path, String key) {
            List<String> grown = new ArrayList<>(path);
            grown.add(key);
            return List.copyOf(grown);
        }
    }
}
