// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import dev.mcpmtls.servers.gazetteer.City;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Plausible weather without a network: the city's usual temperature for the day of the year and the hour, and a variation that
 * depends on city and date only. Not a forecast.
 */
final class ClimateModel {

    private static final int WARMEST_DAY = 200; // 19 July, a month after the solstice; in the south the coldest
    private static final int WARMEST_HOUR = 15;
    private static final double DAILY_SWING = 3.5;
    private static final int HOURS_PER_SKY = 6;

    private ClimateModel() {}

    static Report.Now now(City city, Instant instant) {
        Instant hour = instant.truncatedTo(ChronoUnit.MINUTES);
        double celsius = celsius(city, hour);
        return Report.Now.of(city, celsius, sky(city, hour, celsius), hour, Report.Source.SIMULATED);
    }

    static Report.Forecast forecast(City city, int count, Instant from) {
        LocalDate today = LocalDate.ofInstant(from, city.zone());
        List<Report.Day> days = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            days.add(day(city, today.plusDays(i)));
        }
        return Report.Forecast.of(city, List.copyOf(days), Report.Source.SIMULATED);
    }

    static double celsius(City city, Instant instant) {
        ZonedDateTime local = instant.atZone(city.zone());
        return seasonal(city, local) + hourly(local) + anomaly(city, instant);
    }

    private static double seasonal(City city, ZonedDateTime local) {
        double january = city.climate().january();
        double july = city.climate().july();
        return (january + july) / 2 + (july - january) / 2 * wave(local.getDayOfYear() - WARMEST_DAY, 365.25);
    }

    private static double hourly(ZonedDateTime local) {
        return DAILY_SWING * wave(local.getHour() + local.getMinute() / 60.0 - WARMEST_HOUR, 24);
    }

    /** Warmer and colder spells: one random value a day, eased into the next; larger away from the equator. */
    private static double anomaly(City city, Instant instant) {
        double days = instant.getEpochSecond() / 86400.0;
        long day = (long) Math.floor(days);
        double passed = (1 - Math.cos(Math.PI * (days - day))) / 2;
        double spell = random(city, day) * (1 - passed) + random(city, day + 1) * passed;
        return (spell * 2 - 1) * (1 + Math.abs(city.latitude()) / 15);
    }

    private static Report.Day day(City city, LocalDate date) {
        Instant start = date.atStartOfDay(city.zone()).toInstant();
        DoubleSummaryStatistics hours = IntStream.range(0, 24)
                .mapToDouble(hour -> celsius(city, start.plus(hour, ChronoUnit.HOURS)))
                .summaryStatistics();
        Instant noon = start.plus(12, ChronoUnit.HOURS);
        return Report.Day.of(date, hours.getMin(), hours.getMax(), sky(city, noon, hours.getAverage()));
    }

    private static int sky(City city, Instant instant, double celsius) {
        long block = Math.floorDiv(instant.getEpochSecond(), HOURS_PER_SKY * 3600L);
        double draw = random(city, ~block);
        int[] codes = celsius > 1 ? MILD : FROST;
        return codes[(int) (draw * codes.length)];
    }

    private static final int[] MILD = {0, 0, 1, 1, 2, 2, 2, 3, 3, 61, 80, 63};
    private static final int[] FROST = {0, 1, 1, 2, 2, 3, 3, 3, 45, 71, 71, 73};

    /** From 0 to 1, the same for the same city and number. */
    private static double random(City city, long number) {
        long seed = city.name().hashCode() * 31L + city.country().hashCode();
        return new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ number).nextDouble();
    }

    private static double wave(double distance, double period) {
        return Math.cos(2 * Math.PI * distance / period);
    }
}
