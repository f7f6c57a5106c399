// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The number of days in a request.
 *
 * @param days counted from today; empty if the request does not say
 * @param rest the request without the words about days
 */
record DaySpan(OptionalInt days, String rest) {

    private static final String LEAD =
            "(?:\\b(?:for|over|during|in)\\s+)?(?:\\b(?:the|a|an)\\s+)?(?:\\b(?:next|coming|following)\\s+)?";
    private static final List<String> NUMBERS =
            List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");
    private static final Pattern COUNTED =
            Words.pattern(LEAD + "\\b(?<count>\\d{1,4}|" + String.join("|", NUMBERS) + ")[ -]?days?\\b");
    private static final List<Phrase> PHRASES = List.of(
            new Phrase(
                    "(?:\\b(?:for|over|during)\\s+)?\\b(?:the|a|this|next|one)\\s+(?:coming\\s+|next\\s+|whole\\s+)?(?:week|weekend)\\b",
                    7),
            new Phrase(
                    "(?:\\b(?:on|for)\\s+)?(?:\\b(?:this|next)\\s+)?\\b(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:['’]s)?\\b",
                    7),
            new Phrase("(?:\\bfor\\s+)?(?:\\bthe\\s+)?\\bday after tomorrow\\b", 3),
            new Phrase("(?:\\bfor\\s+)?\\btomorrow(?:['’]s)?\\b", 2));

    private record Phrase(Pattern words, int days) {
        Phrase(String words, int days) {
            this(Words.pattern(words), days);
        }
    }

    static DaySpan cutFrom(String text) {
        Matcher counted = COUNTED.matcher(text);
        if (counted.find()) {
            return new DaySpan(OptionalInt.of(number(counted.group("count"))), counted.replaceFirst(" "));
        }
        for (Phrase phrase : PHRASES) {
            Matcher found = phrase.words.matcher(text);
            if (found.find()) {
                return new DaySpan(OptionalInt.of(phrase.days), found.replaceFirst(" "));
            }
        }
        return new DaySpan(OptionalInt.empty(), text);
    }

    private static int number(String text) {
        int word = NUMBERS.indexOf(text.toLowerCase(Locale.ROOT));
        return word >= 0 ? word : Integer.parseInt(text);
    }
}
