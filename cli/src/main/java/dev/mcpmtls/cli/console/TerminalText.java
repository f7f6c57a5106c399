// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import java.util.ArrayList;
import java.util.List;

/**
 * Text as a terminal may show it. Control characters, bidirectional controls, line separators, lone surrogates and invisible
 * format characters become escapes, {@code \n} or <code>&#92;u001b</code>, which are also what JSON wants inside a string.
 */
public final class TerminalText {

    private static final int TAGS = 0xe0000;
    private static final int TAGS_END = 0xe0fff;
    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private TerminalText() {}

    /** On one line: line ends and tabs are escaped too. */
    public static String line(String text) {
        return escaped(text, false);
    }

    /** On as many lines as the text has, with its tabs. */
    static String lines(String text) {
        return escaped(text.replace("\r\n", "\n"), true);
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

    /** How many columns a cleaned text takes. */
    static int width(String text) {
        return text.codePoints().map(TerminalText::width).sum();
    }

    private static int width(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean isWide = point >= 0x1100
                && (Character.isIdeographic(point)
                        || (point >= 0x1f300 && point <= 0x1faff)
                        || switch (Character.UnicodeScript.of(point)) {
                            case HANGUL, HIRAGANA, KATAKANA -> true;
                            default -> (point >= 0x3000 && point <= 0x303e) || (point >= 0xff01 && point <= 0xff60);
                        });
        return isWide ? 2 : 1;
    }

    /** A part of a text on a line of its own, without the blanks around it. */
    public record Span(int start, int end) {}

    /**
     * Breaks a cleaned text between words. A word wider than a line has one of its own.
     *
     * @param first columns of the first line
     * @param rest columns of the others
     * @return at least one span
     */
    public static List<Span> wrap(String text, int first, int rest) {
        if (first / 2 >= text.length()) {
            return List.of(new Span(0, text.length()));
        }
        List<Span> lines = new ArrayList<>();
        int width = first;
        int start = 0;
        int end = 0;
        while (end < text.length()) {
            int wordStart = end;
            while (wordStart < text.length() && text.charAt(wordStart) == ' ') {
                wordStart++;
            }
            int wordEnd = wordStart;
            while (wordEnd < text.length() && text.charAt(wordEnd) != ' ') {
                wordEnd++;
            }
            boolean isFirstWord = text.substring(start, wordStart).isBlank();
            if (!isFirstWord && width(text.substring(start, wordEnd)) > width) {
                lines.add(new Span(start, end));
                start = wordStart;
                width = rest;
            }
            end = wordEnd;
        }
        lines.add(new Span(start, end));
        return lines;
    }
}
