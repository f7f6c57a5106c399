// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.util.regex.Pattern;

/**
 * Text from a peer, a file or a request, made safe for a log line or a terminal. {@link #clean} and {@link #quote} give short ASCII for
 * names; {@link #line} and {@link #lines} keep every script and escape only what could control a terminal or forge a line.
 */
public final class Printable {

    private static final int MAX_LENGTH = 256;
    private static final Pattern CLASS_NAME = Pattern.compile("(?:[a-z][a-z0-9]*\\.)+[A-Z][A-Za-z]*(?:: )?");

    private static final int TAGS = 0xe0000;
    private static final int TAGS_END = 0xe0fff;
    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private Printable() {}

    /** The text in single quotes; quotes, control and non-ASCII characters in it as {@code \\uXXXX}, cut after 256 characters. */
    public static String quote(String text) {
        return "'" + clean(text).replace("'", "\\u0027") + "'";
    }

    /** A number with its noun, for example {@code 1 record} or {@code 3 records}. */
    public static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : noun.endsWith("s") ? "es" : "s");
    }

    /** The message of the innermost cause of a parser's failure, without class names. */
    public static String causeOf(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getCause().getMessage() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        return clean(CLASS_NAME.matcher(message).replaceAll(""));
    }

    /** As {@link #quote}, without the quotes. */
    public static String clean(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX_LENGTH); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return text.length() > MAX_LENGTH ? out.append("...").toString() : out.toString();
    }

    /** The whole text on one line: control and invisible characters, line ends included, become escapes that JSON reads too. */
    public static String line(String text) {
        return escaped(text, false);
    }

    /** As {@link #line}, on as many lines as the text has, with its tabs. */
    public static String lines(String text) {
        return escaped(text.replace("\r\n", "\n"), true);
    }

    /** The text, or its first {@code maxCodePoints} and three dots. */
    public static String cut(String text, int maxCodePoints) {
        return text.length() <= maxCodePoints || text.codePointCount(0, text.length()) <= maxCodePoints
                ? text
                : text.substring(0, text.offsetByCodePoints(0, maxCodePoints)) + "...";
    }

    private static String escaped(String text, boolean keepsLayout) {
        StringBuilder shown = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (isHarmless(point) || (keepsLayout && (point == '\n' || point == '\t'))) {
                shown.appendCodePoint(point);
            } else {
                escape(point, shown);
            }
        });
        return shown.toString();
    }

    private static boolean isHarmless(int point) {
        boolean isNoncharacter = (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
        if (isNoncharacter || (point >= TAGS && point <= TAGS_END)) {
            return false;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            case Character.FORMAT ->
                point == ZERO_WIDTH_JOINER || point == ZERO_WIDTH_NON_JOINER; // scripts and emoji need them
            default -> true;
        };
    }

    private static void escape(int point, StringBuilder shown) {
        switch (point) {
            case '\n' -> shown.append("\\n");
            case '\r' -> shown.append("\\r");
            case '\t' -> shown.append("\\t");
            default -> {
                for (char unit : Character.toChars(point)) {
                    shown.append(String.format("\\u%04x", (int) unit));
                }
            }
        }
    }
}
