// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.servers.gazetteer.City;
import dev.mcpmtls.servers.gazetteer.Gazetteer;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClimateModelTest {

    private static final Instant WINTER = Instant.parse("2026-01-15T00:00:00Z");
    private static final Instant SUMMER = Instant.parse("2026-07-15T00:00:00Z");

    private static City city(String name) {
        return Gazetteer.builtIn().find(name).orElseThrow();
    }

    private static double monthlyMean(City city, Instant start) {
        return IntStream.range(0, 30 * 24)
                .mapToDouble(hour -> ClimateModel.celsius(city, start.plus(Duration.ofHours(hour))))
                .average()
                .orElseThrow();
    }

    @Test
    void staysNearTheUsualTemperaturesOfEveryCity() {
        assertThat(Gazetteer.builtIn().cities()).allSatisfy(city -> {
            assertThat(Math.abs(monthlyMean(city, Instant.parse("2026-01-02T00:00:00Z"))
                            - city.climate().january()))
                    .isLessThan(3);
            assertThat(Math.abs(monthlyMean(city, Instant.parse("2026-07-04T00:00:00Z"))
                            - city.climate().july()))
                    .isLessThan(3);
        });
    }

    @Test
    void hasSeasonsOnBothHemispheres() {
        assertThat(monthlyMean(city("Oslo"), SUMMER)).isGreaterThan(monthlyMean(city("Oslo"), WINTER) + 10);
        assertThat(monthlyMean(city("Sydney"), SUMMER)).isLessThan(monthlyMean(city("Sydney"), WINTER) - 5);
        assertThat(monthlyMean(city("Rome"), WINTER)).isGreaterThan(monthlyMean(city("Oslo"), WINTER));
    }

    @Test
    void saysTheSameForTheSameMomentAndVariesFromDayToDay() {
        City oslo = city("Oslo");
        assertThat(ClimateModel.now(oslo, WINTER)).isEqualTo(ClimateModel.now(oslo, WINTER));
        assertThat(IntStream.range(0, 10)
                        .mapToDouble(day -> ClimateModel.celsius(oslo, WINTER.plus(Duration.ofDays(day))))
                        .distinct()
                        .count())
                .isGreaterThan(5);
    }

    @Test
    void neverJumps() {
        City oslo = city("Oslo");
        for (int minute = 0; minute < 60 * 24 * 14; minute += 10) {
            Instant then = WINTER.plus(Duration.ofMinutes(minute));
            double change =
                    ClimateModel.celsius(oslo, then.plus(Duration.ofMinutes(10))) - ClimateModel.celsius(oslo, then);
            assertThat(Math.abs(change)).isLessThan(0.6);
        }
    }

    @Test
    void theAfternoonIsWarmerThanTheNightAndTheForecastSpansBoth() {
        City rome = city("Rome");
        Report.Forecast forecast = ClimateModel.forecast(rome, 7, SUMMER);
        assertThat(forecast.days()).hasSize(7).allSatisfy(day -> {
            assertThat(day.highCelsius() - day.lowCelsius()).isBetween(3.0, 20.0);
        });
        double now = ClimateModel.now(rome, SUMMER).temperatureCelsius();
        assertThat(now)
                .isBetween(
                        forecast.days().get(0).lowCelsius() - 0.5,
                        forecast.days().get(0).highCelsius() + 0.5);
    }

    @Test
    void itSnowsOnlyWhenItIsCold() {
        Gazetteer.builtIn()
                .cities()
                .forEach(city -> IntStream.range(0, 20).forEach(day -> {
                    Report.Now now = ClimateModel.now(city, WINTER.plus(Duration.ofHours(31L * day)));
                    if (now.conditions().contains("snow")) {
                        assertThat(now.temperatureCelsius()).isLessThanOrEqualTo(1.1);
                    }
                }));
    }
}
