// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Edits the text of a JSON object in place: numbers, escapes, white space and the order of members stay as they were everywhere
 * else. The text must be valid JSON without duplicate members, as {@link Json#read} checks.
 */
public final class JsonText {

    private final String json;

    private JsonText(String json) {
        this.json = json;
    }

    /**
     * The text with a member's value replaced, or the member added at the end, with the objects around it.
     *
     * @param value JSON
     * @param path the names that lead to the member, outermost first
     */
    public static String set(String json, String value, String... path) {
        return new JsonText(json).set(0, value, path, 0);
    }

    /** The text without a member; unchanged when there is none. */
    public static String remove(String json, String... path) {
        JsonText text = new JsonText(json);
        Member member = text.find(path);
        return member == null ? json : text.without(member);
    }

    /** The text of a member's value. */
    public static Optional<String> find(String json, String... path) {
        Member member = new JsonText(json).find(path);
        return member == null ? Optional.empty() : Optional.of(json.substring(member.value, member.end));
    }

    /** The text with only some of an array's elements; unchanged when there is no such array. */
    public static String filter(String json, IntPredicate kept, String... path) {
        JsonText text = new JsonText(json);
        Member member = text.find(path);
        if (member == null || json.charAt(member.value) != '[') {
            return json;
        }
        List<String> elements = text.elements(member.value);
        List<String> staying = new ArrayList<>();
        for (int index = 0; index < elements.size(); index++) {
            if (kept.test(index)) {
                staying.add(elements.get(index));
            }
        }
        return staying.size() == elements.size()
                ? json
                : json.substring(0, member.value) + '[' + String.join(",", staying) + ']' + json.substring(member.end);
    }

    /** The texts of an array's elements; none when there is no such array. */
    public static List<String> elements(String json, String... path) {
        JsonText text = new JsonText(json);
        Member member = text.find(path);
        return member == null || json.charAt(member.value) != '[' ? List.of() : text.elements(member.value);
    }

    /** The text on one line, as a line protocol needs it: in JSON a line break can only be white space. */
    public static String onOneLine(String json) {
        return json.indexOf('\n') < 0 && json.indexOf('\r') < 0
                ? json
                : json.replace('\n', ' ').replace('\r', ' ');
    }

    /** A string as JSON. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int index = 0; index < text.length(); index++) {
            char c = text.charAt(index);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    /** A string or a number as JSON. */
    public static String scalar(Object value) {
        return value instanceof String text ? quote(text) : String.valueOf(value);
    }

    /**
     * A member of an object.
     *
     * @param start of its name
     * @param value where its value begins
     * @param end after its value
     */
    private record Member(int start, int value, int end) {}

    private String set(int object, String value, String[] path, int depth) {
        int open = space(object);
        Member member = member(open, path[depth]);
        boolean last = depth == path.length - 1;
        if (member != null && !last && json.charAt(member.value) == '{') {
            return set(member.value, value, path, depth + 1);
        }
        String whole = last ? value : wrapped(value, path, depth + 1);
        if (member != null) {
            return json.substring(0, member.value) + whole + json.substring(member.end);
        }
        int close = valueEnd(open) - 1;
        boolean empty = space(open + 1) == close;
        return json.substring(0, close) + (empty ? "" : ",") + quote(path[depth]) + ':' + whole + json.substring(close);
    }

    private static String wrapped(String value, String[] path, int from) {
        String whole = value;
        for (int index = path.length - 1; index >= from; index--) {
            whole = '{' + quote(path[index]) + ':' + whole + '}';
        }
        return whole;
    }

    private String without(Member member) {
        int before = member.start - 1;
        while (isSpace(json.charAt(before))) {
            before--;
        }
        if (json.charAt(before) == ',') {
            return json.substring(0, before) + json.substring(member.end);
        }
        int after = space(member.end);
        int rest = json.charAt(after) == ',' ? after + 1 : after;
        return json.substring(0, before + 1) + json.substring(rest);
    }

    @Nullable
    private Member find(String... path) {
        int object = space(0);
        Member member = null;
        for (String name : Arrays.asList(path)) {
            if (json.charAt(object) != '{') {
                return null;
            }
            member = member(object, name);
            if (member == null) {
                return null;
            }
            object = member.value;
        }
        return member;
    }

    /** The member of the object that opens at {@code open}. */
    @Nullable
    private Member member(int open, String name) {
        int at = space(open + 1);
        while (json.charAt(at) != '}') {
            int start = at;
            int nameEnd = stringEnd(at);
            int value = space(space(nameEnd) + 1);
            int end = valueEnd(value);
            if (name.equals(unescaped(start + 1, nameEnd - 1))) {
                return new Member(start, value, end);
            }
            at = space(end);
            if (json.charAt(at) == ',') {
                at = space(at + 1);
            }
        }
        return null;
    }

    private List<String> elements(int open) {
        List<String> elements = new ArrayList<>();
        int at = space(open + 1);
        while (json.charAt(at) != ']') {
            int end = valueEnd(at);
            elements.add(json.substring(at, end));
            at = space(end);
            if (json.charAt(at) == ',') {
                at = space(at + 1);
            }
        }
        return elements;
    }

    private int valueEnd(int at) {
        char first = json.charAt(at);
        if (first == '"') {
            return stringEnd(at);
        }
        if (first == '{' || first == '[') {
            return nestedEnd(at);
        }
        int end = at;
        while (end < json.length() && ",]}".indexOf(json.charAt(end)) < 0 && !isSpace(json.charAt(end))) {
            end++;
        }
        return end;
    }

    private int nestedEnd(int open) {
        int depth = 0;
        int at = open;
        do {
            char c = json.charAt(at);
            if (c == '"') {
                at = stringEnd(at);
                continue;
            }
            if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
            at++;
        } while (depth > 0);
        return at;
    }

    private int stringEnd(int quote) {
        int at = quote + 1;
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private int space(int from) {
        int at = from;
        while (at < json.length() && isSpace(json.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private String unescaped(int from, int to) {
        String raw = json.substring(from, to);
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < raw.length(); at++) {
            char c = raw.charAt(at);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char escape = raw.charAt(++at);
            if (escape == 'u') {
                plain.append((char) Integer.parseInt(raw.substring(at + 1, at + 5), 16));
                at += 4;
            } else {
                int known = "bfnrt".indexOf(escape);
                plain.append(known < 0 ? escape : "\b\f\n\r\t".charAt(known));
            }
        }
        return plain.toString();
    }
}
