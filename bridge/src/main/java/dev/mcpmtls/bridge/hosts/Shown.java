// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

/**
 * Text from files, made safe for a terminal and still readable as JSON, TOML or YAML: quotes, backslashes and letters of
 * all scripts stay; control and formatting characters (bidirectional overrides among them) become {@code \\uXXXX}.
 */
final class Shown {

    /** The limit of a line in a diff: a minified file is one long line. */
    private static final int MAX_LINE = 500;

    private static final int MAX_MESSAGE = 300;

    private Shown() {}

    static String line(String text) {
        return clean(text, MAX_LINE);
    }

    /** A parser's message: its first line. */
    static String message(String text) {
        return clean(text.lines().findFirst().orElse(""), MAX_MESSAGE);
    }

    private static String clean(String text, int limit) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            if (i >= limit) {
                return out.append("...").toString();
            }
            int c = text.codePointAt(i);
            if (isHarmless(c)) {
                out.appendCodePoint(c);
            } else {
                text.substring(i, i + Character.charCount(c))
                        .chars()
                        .forEach(unit -> out.append(String.format("\\u%04x", unit)));
            }
            i += Character.charCount(c);
        }
        return out.toString();
    }

    static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c == '\t';
            case Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
