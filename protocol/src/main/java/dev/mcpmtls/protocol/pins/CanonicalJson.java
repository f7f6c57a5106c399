// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import dev.mcpmtls.identity.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON values in canonical form: no white space, members sorted by the UTF-16 code units of their names, numbers and strings as
 * ECMAScript writes them. Equal values have equal texts, and equal digests.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8785">RFC 8785, JSON Canonicalization Scheme</a>
 */
public final class CanonicalJson {

    private static final int MAX_DEPTH = 256;

    private final StringBuilder out = new StringBuilder();

    private CanonicalJson() {}

    /**
     * The canonical text of a value of JSON: a map with text keys, a list, a text, a number, a boolean or null.
     *
     * @throws IllegalArgumentException when there is none: a number beyond the range of an IEEE 754 double, an unpaired surrogate,
     *     more than 256 levels
     */
    public static String of(@Nullable Object value) {
        CanonicalJson json = new CanonicalJson();
        json.add(value, 0);
        return json.out.toString();
    }

    /**
     * The SHA-256 of the canonical text's UTF-8, as 64 lower-case hexadecimal digits.
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public static String digest(@Nullable Object value) {
        return sha256(of(value));
    }

    static String sha256(String canonical) {
        return Sha256.hex(canonical.getBytes(StandardCharsets.UTF_8));
    }

    private void add(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("more than " + MAX_DEPTH + " levels of arrays and objects");
        }
        if (value instanceof String text) {
            string(text);
        } else if (value instanceof Number number) {
            out.append(EcmaNumber.text(number.doubleValue()));
        } else if (value instanceof Map<?, ?> object) {
            object(object, depth);
        } else if (value instanceof List<?> array) {
            array(array, depth);
        } else if (value == null || value instanceof Boolean) {
            out.append(value);
        } else {
            throw new IllegalArgumentException(
                    "not a value of JSON: " + value.getClass().getName());
        }
    }

    private void object(Map<?, ?> object, int depth) {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        object.forEach((name, member) -> sorted.put((String) name, member));
        char before = '{';
        for (Map.Entry<String, @Nullable Object> member : sorted.entrySet()) {
            out.append(before);
            string(member.getKey());
            out.append(':');
            add(member.getValue(), depth + 1);
            before = ',';
        }
        out.append(sorted.isEmpty() ? "{}" : "}");
    }

    private void array(List<?> array, int depth) {
        char before = '[';
        for (Object member : array) {
            out.append(before);
            add(member, depth + 1);
            before = ',';
        }
        out.append(array.isEmpty() ? "[]" : "]");
    }

    private void string(String text) {
        out.append('"');
        for (int at = 0; at < text.length(); at++) {
            character(text, at);
        }
        out.append('"');
    }

    private void character(String text, int at) {
        char c = text.charAt(at);
        switch (c) {
            case '"', '\\' -> out.append('\\').append(c);
            case '\b' -> out.append("\\b");
            case '\t' -> out.append("\\t");
            case '\n' -> out.append("\\n");
            case '\f' -> out.append("\\f");
            case '\r' -> out.append("\\r");
            default -> {
                if (c < ' ') {
                    out.append(String.format("\\u%04x", (int) c));
                } else if (Character.isSurrogate(c) && !isPaired(text, at)) {
                    throw new IllegalArgumentException("an unpaired surrogate in a string");
                } else {
                    out.append(c);
                }
            }
        }
    }

    private static boolean isPaired(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
