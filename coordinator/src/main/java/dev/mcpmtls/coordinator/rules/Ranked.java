// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.rules;

import dev.mcpmtls.coordinator.PlannedCall;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The concluding sentence of a comparison of temperatures. */
final class Ranked {

    private Ranked() {}

    private record Reading(String city, double celsius) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s (%.1f°C)", city, celsius);
        }
    }

    /** The sentence; empty if fewer than two of the temperatures are known. */
    static Optional<String> sentence(Request.Compare compare, Map<PlannedCall, Map<String, Object>> results) {
        Comparator<Reading> warmth = Comparator.comparingDouble(Reading::celsius);
        List<Reading> readings = compare.calls().stream()
                .flatMap(call -> reading(results.getOrDefault(call, Map.of())).stream())
                .sorted(compare.coldestFirst() ? warmth : warmth.reversed())
                .toList();
        if (readings.size() < 2) {
            return Optional.empty();
        }
        String word = compare.coldestFirst() ? "colder" : "warmer";
        Reading first = readings.get(0);
        Reading second = readings.get(1);
        if (readings.size() > 2) {
            String order = compare.coldestFirst() ? "coldest to warmest" : "warmest to coldest";
            return Optional.of("From " + order + ": "
                    + readings.stream().map(Reading::toString).collect(Collectors.joining(", ")) + ".");
        }
        return Optional.of(
                first.celsius() == second.celsius()
                        ? "It is as warm in " + first + " as in " + second + "."
                        : "It is " + word + " in " + first + " than in " + second + ".");
    }

    private static Optional<Reading> reading(Map<String, Object> weather) {
        return weather.get("city") instanceof String city && weather.get("temperatureCelsius") instanceof Number celsius
                ? Optional.of(new Reading(city, celsius.doubleValue()))
                : Optional.empty();
    }
}
