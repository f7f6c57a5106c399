// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import java.util.ArrayList;
import java.util.List;

/** The width of text on a terminal, and where it breaks. Takes text that {@code Printable} has cleaned. */
public final class TerminalText {

    private TerminalText() {}

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
