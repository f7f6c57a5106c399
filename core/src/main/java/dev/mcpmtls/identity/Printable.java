// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.util.regex.Pattern;

/** Text from a peer, made safe for a log line or a terminal: control characters escaped, length bounded. */
public final class Printable {

    private static final int MAX_LENGTH = 256;
    private static final Pattern CLASS_NAME = Pattern.compile("(?:[a-z][a-z0-9]*\\.)+[A-Z][A-Za-z]*(?:: )?");

    private Printable() {}

    /** The text in double quotes, control and non-ASCII characters as {@code \\uXXXX}, cut after 256 characters. */
    public static String quote(String text) {
        return '"' + clean(text) + '"';
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
}
