// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of a question with at most one list of places.
 *
 * @param text as the user wrote it
 * @param comparison whether places are to be ranked by temperature, and in which order
 */
record Clause(String text, List<Topic> topics, Optional<Ranking> comparison, List<String> places) {

    /** The order in which places are ranked. */
    enum Ranking {
        WARMEST_FIRST,
        COLDEST_FIRST
    }

    private static final Pattern FORECAST = Words.words(Words.FORECAST);
    private static final Pattern WEATHER = Words.words(Words.WEATHER);
    private static final Pattern TIME = Words.words(Words.TIME);
    private static final Pattern WARMER = Words.words(Words.WARMER);
    private static final Pattern COLDER = Words.words(Words.COLDER);
    private static final Pattern COMPARE = Words.words("compare|difference");
    private static final Pattern TOPIC = Words.words(Words.TOPIC + "|compare|difference|than usual");
    /** The beginning of the places; an earlier word wins over a later one. */
    private static final List<Pattern> BEFORE_PLACES =
            List.of(Words.words("in"), Words.words("for"), Words.words("at|near"), Words.words("of|between"));

    private static final Pattern FOLLOW_UP =
            Words.pattern("^\\s*(?:and\\s+|or\\s+)?(?:what about|how about|also|in|for|at)\\s+");
    private static final Pattern UNIT = Words.pattern(
            "\\b(?:in|at) (?:celsius|degrees|the moment|present|(?:the )?(?:morning|evening|afternoon))\\b");

    static Clause parse(String text) {
        DaySpan span = DaySpan.cutFrom(UNIT.matcher(text).replaceAll(" "));
        Optional<Ranking> ranking = ranking(span.rest());
        List<Topic> topics = ranking.isPresent() ? List.of(new Topic.Weather()) : topics(span);
        boolean followUp = topics.isEmpty() && FOLLOW_UP.matcher(text).find();
        List<String> places = topics.isEmpty() && !followUp ? List.of() : places(span.rest());
        return new Clause(text.strip(), topics, ranking, places);
    }

    /** {@code And in Paris?}: places without a topic, which then is that of the previous clause. */
    boolean isFollowUp() {
        return topics.isEmpty() && !places.isEmpty();
    }

    private static List<Topic> topics(DaySpan span) {
        List<Topic> topics = new ArrayList<>(2);
        boolean weather = WEATHER.matcher(span.rest()).find();
        if (FORECAST.matcher(span.rest()).find() || (weather && span.days().isPresent())) {
            topics.add(new Topic.Forecast(span.days()));
        } else if (weather) {
            topics.add(new Topic.Weather());
        }
        if (TIME.matcher(span.rest()).find()) {
            topics.add(new Topic.Time());
        }
        return topics;
    }

    private static Optional<Ranking> ranking(String text) {
        if (COLDER.matcher(text).find()) {
            return Optional.of(Ranking.COLDEST_FIRST);
        }
        boolean comparesWeather =
                COMPARE.matcher(text).find() && WEATHER.matcher(text).find();
        return comparesWeather || WARMER.matcher(text).find() ? Optional.of(Ranking.WARMEST_FIRST) : Optional.empty();
    }

    private static List<String> places(String text) {
        for (Pattern before : BEFORE_PLACES) {
            Matcher found = before.matcher(text);
            if (found.find()) {
                return PlaceList.parse(upToTopic(text.substring(found.end())));
            }
        }
        // "Tokyo weather", "is Oslo colder than Rome": the places are the remaining words.
        return PlaceList.parse(TOPIC.matcher(text).replaceAll(" "), Words::withoutStopWords);
    }

    /** {@code in Tokyo the weather is what}: the places end where a topic begins. */
    private static String upToTopic(String text) {
        Matcher topic =
                Words.pattern("\\s(?:the\\s+)?(?:" + Words.TOPIC + ")\\b").matcher(text);
        return topic.find() ? text.substring(0, topic.start()) : text;
    }
}
