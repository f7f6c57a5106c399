// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.ArrayList;
import java.util.List;

/**
 * The positions of a TOML text's statements. The text has passed a real parser, which reports no positions. This scanner only finds
 * where keys and values end, and ignores their meaning.
 */
final class TomlScanner {

    /** Longer paths are data made to exhaust a stack. */
    private static final int MAX_STEPS = 100;

    /**
     * A table's header or a pair of key and value.
     *
     * @param header whether it is a header; {@code array} one in double brackets
     * @param table the path of the table that a pair stands in; a header's own
     * @param path from the root; a header's own
     * @param start of its first line
     * @param end after the line feed of its last line, or the text's end
     */
    record Statement(
            boolean header,
            boolean array,
            List<String> table,
            List<String> path,
            int start,
            int valueStart,
            int valueEnd,
            int end) {

        boolean isUnder(List<String> ancestor) {
            return path.size() >= ancestor.size()
                    && path.subList(0, ancestor.size()).equals(ancestor);
        }
    }

    private final String text;
    private int at;

    private TomlScanner(String text) {
        this.text = text;
    }

    static List<Statement> statements(String text) {
        return new TomlScanner(text).scan();
    }

    private List<Statement> scan() {
        List<Statement> statements = new ArrayList<>();
        List<String> table = List.of();
        while (skipToStatement()) {
            int start = Lines.start(text, at);
            if (text.charAt(at) == '[') {
                boolean array = text.startsWith("[[", at);
                at += array ? 2 : 1;
                table = key();
                int end = Lines.end(text, at);
                statements.add(new Statement(true, array, table, table, start, at, at, end));
                at = end;
            } else {
                List<String> path = new ArrayList<>(table);
                path.addAll(key());
                skipBlanks();
                at++;
                skipBlanks();
                int valueStart = at;
                skipValue();
                int end = Lines.end(text, at);
                statements.add(new Statement(false, false, table, List.copyOf(path), start, valueStart, at, end));
                at = end;
            }
        }
        return statements;
    }

    private boolean skipToStatement() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                at = Lines.end(text, at);
            } else if (Character.isWhitespace(c)) {
                at++;
            } else {
                return true;
            }
        }
        return false;
    }

    private List<String> key() {
        List<String> steps = new ArrayList<>();
        do {
            if (!steps.isEmpty()) {
                at++;
            }
            skipBlanks();
            steps.add(step());
            skipBlanks();
            if (steps.size() > MAX_STEPS) {
                throw MalformedText.at(text, at, "a key has more than " + MAX_STEPS + " steps");
            }
        } while (at < text.length() && text.charAt(at) == '.');
        return List.copyOf(steps);
    }

    private String step() {
        int start = at;
        char c = text.charAt(at);
        if (c == '"' || c == '\'') {
            skipString();
            String inner = text.substring(start + 1, at - 1);
            return c == '"' ? unescaped(inner) : inner;
        }
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "_-".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return text.substring(start, at);
    }

    private static String unescaped(String inner) {
        if (inner.indexOf('\\') < 0) {
            return inner;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < inner.length(); i++) {
            char c = inner.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char kind = inner.charAt(++i);
            int digits = kind == 'u' ? 4 : kind == 'U' ? 8 : kind == 'x' ? 2 : 0;
            if (digits > 0) {
                out.appendCodePoint(Integer.parseInt(inner.substring(i + 1, i + 1 + digits), 16));
                i += digits;
            } else {
                int escape = "btnfre".indexOf(kind);
                out.append(escape < 0 ? kind : "\b\t\n\f\r\u001b".charAt(escape));
            }
        }
        return out.toString();
    }

    private void skipValue() {
        int depth = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"' || c == '\'') {
                skipString();
            } else if (c == '[' || c == '{') {
                depth++;
                at++;
            } else if (c == ']' || c == '}') {
                depth--;
                at++;
            } else if (depth > 0) {
                at = c == '#' ? Lines.end(text, at) : at + 1;
                continue;
            } else {
                skipBare();
            }
            if (depth == 0) {
                return;
            }
        }
    }

    /** A number, date or boolean: up to a comment or the line's end, without the blanks before it. */
    private void skipBare() {
        int end = at;
        while (at < text.length() && "#\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
            if (!Lines.isBlank(text.charAt(at - 1))) {
                end = at;
            }
        }
        at = end;
    }

    private void skipString() {
        char quote = text.charAt(at);
        String three = String.valueOf(quote).repeat(3);
        if (text.startsWith(three, at)) {
            at += 3;
            while (!text.startsWith(three, at)) {
                at += quote == '"' && text.charAt(at) == '\\' ? 2 : 1;
            }
            at += 3;
            while (at < text.length() && text.charAt(at) == quote) {
                at++;
            }
            return;
        }
        at++;
        while (text.charAt(at) != quote) {
            at += quote == '"' && text.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    private void skipBlanks() {
        while (at < text.length() && Lines.isBlank(text.charAt(at))) {
            at++;
        }
    }
}
