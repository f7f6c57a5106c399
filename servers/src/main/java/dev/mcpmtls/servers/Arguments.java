// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call's arguments, checked against the tool's input schema: nothing missing, nothing unknown, types, lengths and ranges
 * right. Understands the part of JSON Schema that our definitions use (string with minLength and maxLength, integer with
 * minimum and maximum, default, required), and describes faults in plain words.
 */
public final class Arguments {

    private final Map<String, Object> values;

    private Arguments(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Checks a call's arguments.
     *
     * @param schema the tool's input schema
     * @param given as the caller sent them; null counts as none
     * @throws ToolFailure if they do not fit, naming the argument
     */
    public static Arguments check(Map<String, Object> schema, @Nullable Map<String, Object> given) {
        Map<String, Object> sent = given == null ? Map.of() : given;
        Map<String, Object> properties = object(schema.get("properties"));
        for (String name : sent.keySet()) {
            if (!properties.containsKey(name)) {
                throw new ToolFailure("Unknown argument " + Quoted.of(name) + "; this tool takes "
                        + String.join(", ", properties.keySet()) + ".");
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        properties.forEach((name, property) -> {
            Object value = value(name, object(property), sent.get(name));
            values.put(name, value);
        });
        return new Arguments(values);
    }

    /** A text argument. */
    public String text(String name) {
        return (String) Objects.requireNonNull(values.get(name), name);
    }

    /** A whole number. */
    public int number(String name) {
        return (Integer) Objects.requireNonNull(values.get(name), name);
    }

    private static Object value(String name, Map<String, Object> property, @Nullable Object sent) {
        Object value = sent == null ? property.get("default") : sent;
        if (value == null) {
            throw new ToolFailure("The argument \"" + name + "\" is missing: " + property.get("description"));
        }
        return "integer".equals(property.get("type")) ? integer(name, property, value) : text(name, property, value);
    }

    private static String text(String name, Map<String, Object> property, Object value) {
        if (!(value instanceof String text)) {
            throw new ToolFailure("\"" + name + "\" must be text, but is " + kind(value) + ".");
        }
        if (text.isEmpty() && bound(property, "minLength", 0) > 0) {
            throw new ToolFailure("\"" + name + "\" is empty: " + property.get("description"));
        }
        int length = text.codePointCount(0, text.length());
        int max = bound(property, "maxLength", Integer.MAX_VALUE);
        if (length > max) {
            throw new ToolFailure("\"" + name + "\" has " + length + " characters; at most " + max + " are allowed.");
        }
        return text;
    }

    private static Integer integer(String name, Map<String, Object> property, Object value) {
        int min = bound(property, "minimum", Integer.MIN_VALUE);
        int max = bound(property, "maximum", Integer.MAX_VALUE);
        String wanted = "\"" + name + "\" must be a whole number from " + min + " to " + max + ", but is ";
        if (!(value instanceof Number number)) {
            throw new ToolFailure(wanted + kind(value) + ".");
        }
        double exact = number.doubleValue();
        if (exact != Math.rint(exact) || exact < min || exact > max) {
            throw new ToolFailure(wanted + number + ".");
        }
        return (int) exact;
    }

    private static int bound(Map<String, Object> property, String keyword, int otherwise) {
        return property.get(keyword) instanceof Number number ? number.intValue() : otherwise;
    }

    private static String kind(Object value) {
        if (value instanceof String) {
            return "text";
        }
        if (value instanceof Number) {
            return "a number";
        }
        if (value instanceof Boolean) {
            return "true or false";
        }
        return value instanceof List ? "a list" : "an object";
    }

    @SuppressWarnings("unchecked") // the schemas are our own resources
    private static Map<String, Object> object(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }
}
