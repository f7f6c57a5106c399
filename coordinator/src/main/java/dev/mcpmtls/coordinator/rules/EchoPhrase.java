// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds {@code echo "exact text, with and"} and {@code echo hello}. The text stays as it is. It is the quoted part, or, unquoted,
 * everything up to the end or to {@code and} before another request.
 */
final class EchoPhrase {

    private static final Pattern VERB =
            Words.pattern("(?:^|[,;.?!:\\n]|\\band|\\bthen|\\balso|\\bplease|\\byou|\\bto)\\s*"
                    + "\\b(?<verb>echo|repeat|say)\\b"
                    + "(?:\\s+(?:back|this|the following|after me|the text|the words?)(?=\\s*[:\"“«]))?\\s*:?");
    private static final Pattern NEXT_REQUEST =
            Words.pattern("(?:[,;]?\\s+(?:and|then|also|plus)|(?<=[.?!])|;)\\s+(?:(?:then|also|please)\\s+)*(?="
                    + Words.STARTER + "\\b|(?:echo|repeat)\\s)");
    private static final Pattern ASKS = Words.words(Words.TOPIC + "|convert|echo|repeat");
    private static final String QUOTES = "\"\"“”«»''‘’";

    private EchoPhrase() {}

    static Optional<Excerpt> firstIn(String text) {
        Matcher verb = VERB.matcher(text);
        if (!verb.find()) {
            return Optional.empty();
        }
        int start = verb.start("verb");
        int from = verb.end();
        while (from < text.length() && Character.isWhitespace(text.charAt(from))) {
            from++;
        }
        int closing = closingQuote(text, from);
        if (closing > from + 1) {
            return Optional.of(Excerpt.of(start, closing + 1, new Request.Echo(text.substring(from + 1, closing))));
        }
        int end = unquotedEnd(text, from);
        String words = text.substring(from, end).strip();
        return Optional.of(
                words.isEmpty() || closing == from + 1
                        ? Excerpt.incomplete(start, Math.max(end, verb.end()), "There is no text to echo.")
                        : Excerpt.of(start, end, new Request.Echo(words)));
    }

    /** The end of the quotation that opens at {@code from}; -1 if none opens or it never closes. */
    private static int closingQuote(String text, int from) {
        int kind = from < text.length() ? QUOTES.indexOf(text.charAt(from)) : -1;
        if (kind < 0 || kind % 2 != 0) {
            return -1;
        }
        char close = QUOTES.charAt(kind + 1);
        for (int i = text.indexOf(close, from + 1); i >= 0; i = text.indexOf(close, i + 1)) {
            if (i + 1 == text.length() || !Character.isLetterOrDigit(text.charAt(i + 1))) {
                return i;
            }
        }
        return -1;
    }

    private static int unquotedEnd(String text, int from) {
        Matcher next = NEXT_REQUEST.matcher(text).region(from, text.length());
        while (next.find()) {
            if (ASKS.matcher(text).region(next.end(), text.length()).find()) {
                return next.start();
            }
        }
        return text.length();
    }
}
