// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The same edits as {@link Document}'s, on data: what a text must say after one. */
final class Models {

    /** The member by which a list knows its items. */
    static final String NAME = "name";

    private Models() {}

    static Optional<JsonNode> at(JsonNode root, List<String> path) {
        JsonNode node = root;
        for (String step : path) {
            JsonNode next = node instanceof ArrayNode items ? item(items, step) : node.get(step);
            if (next == null) {
                return Optional.empty();
            }
            node = next;
        }
        return Optional.of(node);
    }

    /** A copy with the member set. */
    static JsonNode with(JsonNode root, List<String> path, JsonNode value, boolean list) {
        JsonNode copy = root.deepCopy();
        JsonNode node = copy;
        for (int i = 0; i < path.size() - 1; i++) {
            JsonNode next = node instanceof ArrayNode items ? item(items, path.get(i)) : node.get(path.get(i));
            if (next == null || saysNothing(next)) {
                next = list && i == 0 ? JsonNodeFactory.instance.arrayNode() : JsonNodeFactory.instance.objectNode();
                ((ObjectNode) node).set(path.get(i), next);
            }
            node = next;
        }
        put(node, path.get(path.size() - 1), value);
        return copy;
    }

    /** A copy without the member. */
    static JsonNode without(JsonNode root, List<String> path) {
        JsonNode copy = root.deepCopy();
        JsonNode parent = at(copy, path.subList(0, path.size() - 1)).orElseThrow();
        String last = path.get(path.size() - 1);
        if (parent instanceof ArrayNode items) {
            items.remove(indexOf(items, last));
        } else {
            ((ObjectNode) parent).remove(last);
        }
        return copy;
    }

    /** The value wrapped in an object for each step of the path. */
    static JsonNode nested(List<String> path, JsonNode value) {
        JsonNode node = value;
        for (int i = path.size() - 1; i >= 0; i--) {
            node = JsonNodeFactory.instance.objectNode().set(path.get(i), node);
        }
        return node;
    }

    /** Jackson takes YAML's empty value for an empty string where a comment follows it. */
    private static boolean saysNothing(JsonNode node) {
        return node.isNull() || (node.isString() && node.stringValue().isEmpty());
    }

    private static void put(JsonNode parent, String name, JsonNode value) {
        if (!(parent instanceof ArrayNode items)) {
            ((ObjectNode) parent).set(name, value);
        } else if (indexOf(items, name) >= 0) {
            items.set(indexOf(items, name), value);
        } else {
            items.add(value);
        }
    }

    private static @Nullable JsonNode item(ArrayNode items, String name) {
        int index = indexOf(items, name);
        return index < 0 ? null : items.get(index);
    }

    private static int indexOf(ArrayNode items, String name) {
        for (int i = 0; i < items.size(); i++) {
            JsonNode itsName = items.get(i).get(NAME);
            if (itsName != null && itsName.isString() && itsName.stringValue().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
