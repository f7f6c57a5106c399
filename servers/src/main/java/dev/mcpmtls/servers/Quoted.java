// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

/** Text from a caller, quoted for a message: letters of every script stay, terminal controls are replaced. */
public final class Quoted {

    private static final int MAX_CODE_POINTS = 60;

    private Quoted() {}

    /** The text in double quotes; control, format and unassigned characters as {@code U+XXXX}, cut after 60 characters. */
    public static String of(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().limit(MAX_CODE_POINTS).forEach(c -> append(out, c));
        return out.append(text.codePointCount(0, text.length()) > MAX_CODE_POINTS ? "...\"" : "\"")
                .toString();
    }

    private static void append(StringBuilder out, int codePoint) {
        switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> out.append(String.format("U+%04X", codePoint));
            default -> out.appendCodePoint(codePoint);
        }
    }
}
