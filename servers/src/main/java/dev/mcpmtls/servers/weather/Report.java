// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import dev.mcpmtls.servers.gazetteer.City;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The weather in a city. Temperatures are rounded to a tenth of a degree Celsius. */
sealed interface Report {

    /** One line, or one line a day. */
    String text();

    /** The source of a report. */
    final class Source {
        static final String OPEN_METEO = "open-meteo";
        static final String SIMULATED = "simulated";

        private Source() {}

        private static String mark(String source) {
            return source.equals(SIMULATED) ? " (simulated)" : "";
        }
    }

    /** The weather now: {@code getTemperature}'s structured content. */
    record Now(
            String city,
            String country,
            double latitude,
            double longitude,
            double temperatureCelsius,
            String conditions,
            String observedAt,
            String source)
            implements Report {

        static Now of(City city, double celsius, int code, Instant at, String source) {
            return new Now(
                    city.name(),
                    city.country(),
                    city.latitude(),
                    city.longitude(),
                    tenths(celsius),
                    Conditions.of(code),
                    at.toString(),
                    source);
        }

        @Override
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "Weather in %s: %.1f°C, %s%s",
                    city,
                    temperatureCelsius,
                    conditions,
                    Source.mark(source));
        }
    }

    /** The weather of some days: {@code getForecast}'s structured content. */
    record Forecast(String city, String country, double latitude, double longitude, List<Day> days, String source)
            implements Report {

        static Forecast of(City city, List<Day> days, String source) {
            return new Forecast(city.name(), city.country(), city.latitude(), city.longitude(), days, source);
        }

        @Override
        public String text() {
            return days.stream()
                    .map(day -> String.format(
                            Locale.ROOT,
                            "Forecast for %s on %s: %.1f to %.1f°C, %s%s",
                            city,
                            day.date,
                            day.lowCelsius,
                            day.highCelsius,
                            day.conditions,
                            Source.mark(source)))
                    .collect(Collectors.joining("\n"));
        }
    }

    /** The weather of one day in the city's time zone. */
    record Day(String date, double lowCelsius, double highCelsius, String conditions) {

        static Day of(LocalDate date, double low, double high, int code) {
            return new Day(date.toString(), tenths(low), tenths(high), Conditions.of(code));
        }
    }

    private static double tenths(double celsius) {
        return Math.round(celsius * 10) / 10.0;
    }
}
