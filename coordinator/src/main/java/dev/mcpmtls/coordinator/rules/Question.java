// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A parsed question: its requests in order, and the parts that were not understood.
 *
 * @param gaps a sentence for each piece that was not understood
 */
record Question(List<Request> requests, List<String> gaps) {

    private static final int MAX_SENTENCE = 1000;
    private static final Pattern SENTENCE_END = Words.pattern("[?!;\\n]+|(?<!\\b(?:st|mt|ft|\\w))\\.(?=\\s|$)");
    private static final Pattern CLAUSE_END =
            Words.pattern("(?:\\s*,\\s*|\\s+)(?:(?:and|then|also|plus|but)\\s+)+(?:please\\s+)?(?=" + Words.STARTER
                    + "\\b)|\\s*,\\s*(?=" + Words.STARTER + "\\b)");

    static Question parse(String text) {
        Reading reading = new Reading();
        reading.read(text);
        reading.settle();
        return new Question(reading.requests, reading.gaps);
    }

    /** Reads from left to right; clauses wait until it is clear which places or topics they share. */
    private static final class Reading {
        private final List<Request> requests = new ArrayList<>();
        private final List<String> gaps = new ArrayList<>();
        private final List<Clause> waiting = new ArrayList<>();
        private List<Topic> lastTopics = List.of();
        private List<String> lastPlaces = List.of();

        void read(String text) {
            cutOut(text, EchoPhrase::firstIn, this::readSentences);
        }

        private void readSentences(String text) {
            for (String sentence : SENTENCE_END.split(text, -1)) {
                if (sentence.length() > MAX_SENTENCE) {
                    gaps.add("A sentence of " + sentence.length() + " characters is too long to understand.");
                } else {
                    cutOut(sentence, ConversionPhrase::firstIn, this::readClauses);
                }
            }
        }

        private void cutOut(String text, Function<String, Optional<Excerpt>> find, Consumer<String> others) {
            String rest = text;
            Optional<Excerpt> found = find.apply(rest);
            while (found.isPresent()) {
                Excerpt excerpt = found.get();
                others.accept(rest.substring(0, excerpt.start()));
                settle();
                excerpt.request().ifPresentOrElse(requests::add, () -> gaps.add(excerpt.gap()));
                rest = rest.substring(excerpt.end());
                found = find.apply(rest);
            }
            others.accept(rest);
        }

        private void readClauses(String sentence) {
            for (String text : CLAUSE_END.split(sentence, -1)) {
                Clause clause = Clause.parse(text);
                if (!clause.topics().isEmpty()) {
                    waiting.add(clause);
                    if (!clause.places().isEmpty()) {
                        settle();
                    }
                } else if (clause.isFollowUp() && !(lastTopics.isEmpty() && waiting.isEmpty())) {
                    follow(clause.places());
                } else if (!Words.saysNothing(text)) {
                    gaps.add("I do not understand " + quoted(text) + ".");
                }
            }
        }

        private void follow(List<String> places) {
            if (waiting.isEmpty()) {
                requests.add(new Request.Look(lastTopics, places));
                lastPlaces = places;
            } else {
                lastPlaces = places;
                settle();
            }
        }

        /** Gives waiting clauses their places: their own, those of the clause after them, or the last ones mentioned. */
        void settle() {
            if (waiting.isEmpty()) {
                return;
            }
            List<String> own = waiting.get(waiting.size() - 1).places();
            List<String> places = own.isEmpty() ? lastPlaces : own;
            if (places.isEmpty()) {
                waiting.forEach(clause -> gaps.add("I miss a city in " + quoted(clause.text()) + "."));
            } else {
                answerable(places);
            }
            waiting.clear();
        }

        private void answerable(List<String> places) {
            List<Topic> topics = waiting.stream()
                    .flatMap(clause -> clause.topics().stream())
                    .distinct()
                    .toList();
            Optional<Clause.Ranking> ranking = waiting.get(waiting.size() - 1).comparison();
            if (ranking.isPresent() && waiting.size() == 1 && places.size() > 1) {
                requests.add(new Request.Compare(ranking.get() == Clause.Ranking.COLDEST_FIRST, places));
            } else {
                requests.add(new Request.Look(topics, places));
            }
            lastTopics = topics;
            lastPlaces = places;
        }
    }

    private static String quoted(String text) {
        String shown = text.strip().replaceAll("[\\p{Cntrl}\\p{Cf}]", " ");
        return '"' + (shown.length() > 60 ? shown.substring(0, 60) + "..." : shown) + '"';
    }
}
