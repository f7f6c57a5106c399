// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code Tokyo, Paris, France and New York} as separate places. The servers decide which of them exist. */
final class PlaceList {

    private static final Pattern SEPARATOR =
            Words.pattern("\\s*,\\s*(?:(?:and|or)\\s+)?|\\s+(?:and|or|vs\\.?|versus|than|as well as|plus|&)\\s+");
    private static final Pattern LEAD =
            Words.pattern("^(?:(?:also|and|or|both|either|in|at|for|from|near|of|about|like|(?:the )?city of)\\s+)+");
    private static final Pattern TAIL = Words.pattern(
            "(?:[\\s,]+(?:and|right|now|today|tonight|currently|please|thanks|thank you|too|as well|again|local|time|at the moment"
                    + "|at present|these days|this (?:morning|afternoon|evening)|in the (?:morning|afternoon|evening)"
                    + "|(?:in )?celsius|like|be|is it|is|it))+$");
    private static final Pattern EDGE = Pattern.compile("^[\\s\\p{Punct}“”‘’«»&&[^']]+|[\\s\\p{Punct}“”‘’«»&&[^.]]+$");

    private PlaceList() {}

    /** The places named in a piece of a question; possibly none. */
    static List<String> parse(String text) {
        return parse(text, place -> place);
    }

    /** As {@link #parse(String)}, with each place first stripped of other words. */
    static List<String> parse(String text, UnaryOperator<String> strip) {
        List<String> places = new ArrayList<>();
        boolean afterComma = false;
        int start = 0;
        Matcher separator = SEPARATOR.matcher(text);
        while (separator.find()) {
            add(places, strip.apply(text.substring(start, separator.start())), afterComma);
            afterComma = separator.group().strip().equals(",");
            start = separator.end();
        }
        add(places, strip.apply(text.substring(start)), afterComma);
        return places.stream().distinct().toList();
    }

    private static void add(List<String> places, String text, boolean afterComma) {
        String place = clean(text);
        if (afterComma && !places.isEmpty() && Regions.isRegion(place)) {
            int last = places.size() - 1;
            places.set(last, places.get(last) + ", " + place);
        } else if (!Words.saysNothing(place)) {
            places.add(place);
        }
    }

    private static String clean(String text) {
        String place = EDGE.matcher(" " + text).replaceAll("");
        place = LEAD.matcher(place).replaceFirst("");
        place = TAIL.matcher(place).replaceFirst("");
        place = EDGE.matcher(place).replaceAll("");
        return place.replaceFirst("['’]s$", "");
    }
}
