// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The lines of a message. Messages name a cause and then its remedies, with semicolons between; logs keep them in one line, a terminal
 * shows each remedy on a line of its own. Semicolons in quotations and in brackets do not separate.
 */
public final class Clauses {

    private static final String SEPARATOR = "; ";

    /** The beginnings of quotations; an apostrophe inside a word begins none. */
    private static final Pattern OPENING = Pattern.compile("(?<![\\p{L}\\p{N}])['\"]");

    private Clauses() {}

    /** The cause, then the remedies; at least one line. */
    public static List<String> of(String message) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        int depth = 0;
        for (int at = 0; at < message.length(); at++) {
            char c = message.charAt(at);
            if (c == '\'' || c == '"') {
                at = endOfQuotation(message, at);
            } else if (c == '(' || c == '[' || c == '{') {
                depth++;
            } else if (c == ')' || c == ']' || c == '}') {
                depth = Math.max(0, depth - 1);
            } else if (depth == 0 && message.startsWith(SEPARATOR, at)) {
                lines.add(message.substring(start, at));
                start = at + SEPARATOR.length();
            }
        }
        lines.add(message.substring(start));
        return lines;
    }

    /** Where a quotation ends that begins there; the same place when none begins there, or it does not end. */
    private static int endOfQuotation(String message, int at) {
        boolean isOpening = OPENING.matcher(message)
                .region(at, at + 1)
                .useTransparentBounds(true)
                .matches();
        int end = isOpening ? message.indexOf(message.charAt(at), at + 1) : -1;
        return Math.max(end, at);
    }
}
