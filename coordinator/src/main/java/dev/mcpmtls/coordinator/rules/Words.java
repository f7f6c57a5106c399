// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The vocabulary of the rules. Patterns ignore case and take time linear in their text. */
final class Words {

    static final String FORECAST = "forecasts?";
    static final String WEATHER =
            "weather|temperatures?|warm|hot|cold|chilly|degrees|rain|raining|rainy|snow|snowing|snowy"
                    + "|sunny|cloudy|umbrella|conditions";
    static final String TIME = "time|date|clock|what day|which day|hour|o'clock";
    static final String WARMER = "warmer|hotter|warmest|hottest";
    static final String COLDER = "colder|cooler|chillier|coldest|coolest";
    static final String TOPIC = String.join("|", FORECAST, WEATHER, TIME, WARMER, COLDER);

    /** The forms of a clock time. */
    static final String CLOCK =
            "now|noon|midnight|(?:\\d{4}-\\d\\d-\\d\\d[T ])?\\d{1,2}(?:[:.]\\d\\d(?::\\d\\d)?)?(?:\\s?[ap]\\.?m\\b\\.?)?";

    /** The start of a new request after {@code and} or a comma. */
    static final String STARTER =
            "(?:what|whats|what['’]s|how|hows|how['’]s|is|are|will|does|do|which|where|when|if|tell|give|show"
                    + "|convert|compare|(?:the |a |its )?(?:current |local |\\w{1,5}[- ]day )?(?:" + FORECAST + "|"
                    + WEATHER + "|time|date))";

    private static final Set<String> STOP_WORDS =
            Set.copyOf(Arrays.asList(("a about again all also am an and any are as ask at be both"
                            + " can cities city could current currently do does either for from get give going hello here hey hi how how's hows i i'd i'm if"
                            + " in is it it's its just kind know let like local me my need now of ok okay on or please s say show so some tell"
                            + " thank thanks that the then there these they this to today too us want was we what what's whats when where which"
                            + " will with would you your")
                    .split(" ")));

    private Words() {}

    /** Whole words, whatever their case. */
    static Pattern words(String alternatives) {
        return pattern("\\b(?:" + alternatives + ")\\b");
    }

    static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /** Whether the text consists of common words and punctuation only. */
    static boolean saysNothing(String text) {
        return withoutStopWords(text).isEmpty();
    }

    static String withoutStopWords(String text) {
        StringBuilder rest = new StringBuilder();
        for (String word : text.trim().split("\\s+", -1)) {
            String bare = word.replace('’', '\'')
                    .replaceAll("^[\\p{Punct}]+|[\\p{Punct}]+$", "")
                    .toLowerCase(Locale.ROOT);
            if (!bare.isEmpty() && !STOP_WORDS.contains(bare)) {
                rest.append(rest.length() == 0 ? "" : " ").append(word);
            }
        }
        return rest.toString();
    }
}
