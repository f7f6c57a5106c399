// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

/** Where the lines of a text begin and end, and how far they are indented. */
final class Lines {

    private Lines() {}

    /** The line end that the text uses first; a line feed where it has none. */
    static String separator(String text) {
        int feed = text.indexOf('\n');
        return feed > 0 && text.charAt(feed - 1) == '\r' ? "\r\n" : "\n";
    }

    static boolean endsWithOne(String text) {
        return text.endsWith("\n");
    }

    static int start(String text, int offset) {
        return text.lastIndexOf('\n', offset - 1) + 1;
    }

    /** After the line feed of the line; the text's end where there is none. */
    static int end(String text, int offset) {
        int feed = text.indexOf('\n', offset);
        return feed < 0 ? text.length() : feed + 1;
    }

    /** The spaces and tabs that the line begins with. */
    static String indentation(String text, int offset) {
        int start = start(text, offset);
        int end = start;
        while (end < text.length() && isBlank(text.charAt(end))) {
            end++;
        }
        return text.substring(start, end);
    }

    /** Whether only spaces and tabs stand before the offset on its line. */
    static boolean isFirst(String text, int offset) {
        return start(text, offset) + indentation(text, offset).length() == offset;
    }

    /** Removes the whole lines from {@code start} to {@code end}; where no line feed follows, the one before goes. */
    static String cut(String text, int start, int end) {
        int from = start;
        if (end == text.length() && end > 0 && text.charAt(end - 1) != '\n' && from > 0) {
            from -= from > 1 && text.charAt(from - 2) == '\r' ? 2 : 1;
        }
        return text.substring(0, from) + text.substring(end);
    }

    /** Puts lines, without a last line end, between the line that ends at the offset and the next. */
    static String insert(String text, int lineEnd, String lines) {
        String separator = separator(text);
        boolean atLineStart = lineEnd == 0 || text.charAt(lineEnd - 1) == '\n';
        return text.substring(0, lineEnd)
                + (atLineStart ? lines + separator : separator + lines)
                + text.substring(lineEnd);
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
