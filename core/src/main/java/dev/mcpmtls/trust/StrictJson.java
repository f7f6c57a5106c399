// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader of small JSON documents (RFC 8259), as maps, lists, strings, whole numbers and booleans. It is here because trust anchors are loaded and
 * reloaded without a library, by every door. It takes no duplicate members, no text after the value, and no nesting beyond eight levels.
 */
final class StrictJson {

    private static final int MAX_DEPTH = 8;
    private static final int MAX_DIGITS = 18;

    private final String text;
    private int at;

    private StrictJson(String text) {
        this.text = text;
    }

    /**
     * Reads an object.
     *
     * @return members in order; {@code null} is left out, whole numbers are {@link Long}, other numbers {@link Double}
     * @throws IllegalArgumentException when it is not one; the message says where
     */
    static Map<String, Object> object(String text) {
        StrictJson json = new StrictJson(text);
        json.skipSpace();
        Map<String, Object> object = json.object(1);
        json.skipSpace();
        if (json.at < text.length()) {
            throw json.unexpected();
        }
        return object;
    }

    private Map<String, Object> object(int depth) {
        expect('{', depth);
        Map<String, Object> members = new LinkedHashMap<>();
        if (isNext('}')) {
            return members;
        }
        do {
            skipSpace();
            String name = string();
            skipSpace();
            expect(':', depth);
            if (members.put(name, value(depth)) != null) {
                throw fault("the member '" + name + "' occurs twice");
            }
        } while (isNext(','));
        expect('}', depth);
        members.values().removeIf(Null.class::isInstance);
        return members;
    }

    private List<Object> array(int depth) {
        expect('[', depth);
        List<Object> elements = new ArrayList<>();
        if (isNext(']')) {
            return elements;
        }
        do {
            elements.add(value(depth));
        } while (isNext(','));
        expect(']', depth);
        return elements;
    }

    private Object value(int depth) {
        skipSpace();
        return switch (peek()) {
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", Null.NULL);
            default -> number();
        };
    }

    private enum Null {
        NULL
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw unexpected();
        }
        at += word.length();
        return meaning;
    }

    private Object number() {
        int start = at;
        boolean unusedSign = take("-");
        int digits = at;
        if (!take("0")) {
            requireDigits();
        }
        boolean isWhole = at - digits <= MAX_DIGITS;
        if (take(".")) {
            isWhole = false;
            requireDigits();
        }
        if (take("e") || take("E")) {
            isWhole = false;
            boolean unused = take("+") || take("-");
            requireDigits();
        }
        String number = text.substring(start, at);
        if (isWhole) {
            return Long.valueOf(number);
        }
        return Double.valueOf(number);
    }

    private void requireDigits() {
        if (peek() < '0' || peek() > '9') {
            throw unexpected();
        }
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
    }

    private String string() {
        expect('"', 1);
        StringBuilder string = new StringBuilder();
        while (peek() != '"') {
            char c = peek();
            if (c < ' ') {
                throw unexpected();
            }
            at++;
            string.append(c == '\\' ? escaped() : c);
        }
        at++;
        return string.toString();
    }

    private char escaped() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw fault("an escape is not JSON");
        };
    }

    private char unicode() {
        int end = Math.min(text.length(), at + 4);
        String digits = text.substring(at, end);
        if (!digits.matches("[0-9A-Fa-f]{4}")) {
            throw fault("an escape is not JSON");
        }
        at = end;
        return (char) Integer.parseInt(digits, 16);
    }

    /** Whether the character comes next, after white space; it is then consumed. */
    private boolean isNext(char c) {
        skipSpace();
        return take(String.valueOf(c));
    }

    private boolean take(String token) {
        boolean taken = text.startsWith(token, at);
        at += taken ? token.length() : 0;
        return taken;
    }

    private void expect(char c, int depth) {
        if (depth > MAX_DEPTH) {
            throw fault("it is nested too deeply");
        }
        if (peek() != c) {
            throw unexpected();
        }
        at++;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The next character; a control character at the end of the text, which fits nowhere. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private IllegalArgumentException unexpected() {
        return fault(at < text.length() ? "it is not JSON" : "it ends too early");
    }

    private IllegalArgumentException fault(String why) {
        long line = 1
                + text.substring(0, Math.min(at, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        return new IllegalArgumentException(why + " (line " + line + ")");
    }
}
