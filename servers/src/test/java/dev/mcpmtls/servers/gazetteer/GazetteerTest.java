// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.gazetteer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GazetteerTest {

    private final Gazetteer gazetteer = Gazetteer.builtIn();

    @Test
    void listsAtLeastThreeHundredCitiesEachOnce() {
        assertThat(gazetteer.cities()).hasSizeGreaterThanOrEqualTo(300);
        assertThat(new HashSet<>(gazetteer.cities())).hasSameSizeAs(gazetteer.cities());
    }

    @Test
    void everyCityLiesWhereItsClockSays() {
        assertThat(gazetteer.cities()).allSatisfy(city -> {
            assertThat(city.latitude()).isBetween(-60.0, 75.0);
            assertThat(city.longitude()).isBetween(-180.0, 180.0);
            double standardOffset = city.zone()
                            .getRules()
                            .getStandardOffset(Instant.parse("2026-01-01T00:00:00Z"))
                            .getTotalSeconds()
                    / 3600.0;
            double apart = Math.abs(city.longitude() / 15 - standardOffset);
            // Around the date line a clock may be a whole day from the sun.
            assertThat(Math.min(apart, 24 - apart)).isLessThan(4);
        });
    }

    @Test
    void everyClimateIsPlausibleForItsLatitude() {
        assertThat(gazetteer.cities()).allSatisfy(city -> {
            double swing = city.climate().july() - city.climate().january();
            assertThat(city.climate().january()).isBetween(-40.0, 30.0);
            assertThat(city.climate().july()).isBetween(0.0, 40.0);
            if (Math.abs(city.latitude()) > 24) {
                assertThat(Math.signum(swing)).isEqualTo(Math.signum(city.latitude()));
            } else {
                assertThat(swing).isBetween(-12.0, 18.0);
            }
        });
    }

    /** The choice for each name that two cities share. */
    @Test
    void sharedNamesMeanTheBetterKnownCity() {
        Map<String, String> winners = gazetteer.sharedNames().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, shared -> shared.getValue().get(0).country()));

        assertThat(winners)
                .containsOnly(
                        Map.entry("hyderabad", "India"),
                        Map.entry("birmingham", "United Kingdom"),
                        Map.entry("cambridge", "United Kingdom"),
                        Map.entry("newcastle", "United Kingdom"),
                        Map.entry("london", "United Kingdom"),
                        Map.entry("valencia", "Spain"),
                        Map.entry("portland", "United States"),
                        Map.entry("sanjose", "United States"),
                        Map.entry("victoria", "Canada"));
    }

    @ParameterizedTest
    @CsvSource({
        "Tokyo, Tokyo",
        "tokyo, Tokyo",
        "'  TOKYO  ', Tokyo",
        "東京, Tokyo",
        "NYC, New York",
        "new york city, New York",
        "LA, Los Angeles",
        "L.A., Los Angeles",
        "Köln, Cologne",
        "koeln, Cologne",
        "KOLN, Cologne",
        "München, Munich",
        "Saigon, Ho Chi Minh City",
        "Bombay, Mumbai",
        "Sao Paulo, São Paulo",
        "são-paulo, São Paulo",
        "st petersburg, Saint Petersburg",
        "Saint Petersburg, Saint Petersburg",
        "Xian, Xi'an",
        "Port au Prince, Port-au-Prince",
        "Tromso, Tromso",
        "Tromsø, Tromso",
        "Łódź, Lodz",
        "Lodz, Lodz",
        "Москва, Moscow",
        "Washington DC, Washington",
        "'Washington, D.C.', Washington",
        "Malmö, Malmo",
        "Duesseldorf, Düsseldorf",
        "İstanbul, Istanbul",
    })
    void findsACityByAnyOfItsNames(String asked, String name) {
        assertThat(gazetteer.find(asked)).map(City::name).contains(name);
    }

    @ParameterizedTest
    @CsvSource({
        "'Paris, France', France, 2.35",
        "Paris France, France, 2.35",
        "'Portland, Oregon', United States, -122.68",
        "'Portland, Maine', United States, -70.26",
        "'Portland, ME, USA', United States, -70.26",
        "Portland ME, United States, -70.26",
        "London, United Kingdom, -0.13",
        "'London, Canada', Canada, -81.25",
        "'London, Ontario, Canada', Canada, -81.25",
        "San José Costa Rica, Costa Rica, -84.08",
        "'San Jose, CR', Costa Rica, -84.08",
        "'Hyderabad, Pakistan', Pakistan, 68.37",
        "'New York, NY', United States, -74.01",
    })
    void aCountryOrStateTellsNamesakesApart(String asked, String country, double longitude) {
        assertThat(gazetteer.find(asked)).hasValueSatisfying(city -> {
            assertThat(city.country()).isEqualTo(country);
            assertThat(city.longitude()).isCloseTo(longitude, within(0.001));
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Paris, Texas",
                "Paris, US",
                "Atlantis",
                "",
                " ",
                "...",
                "Tokyo Tokyo",
                ",",
                "France",
                "'; DROP TABLE"
            })
    void findsNothingForANameThatNoListedCityBears(String asked) {
        assertThat(gazetteer.find(asked)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Tokio Town, ''",
        "Tokoy, Tokyo",
        "Pariss, Paris",
        "'Paris, Texas', Paris",
        "Barcelone, Barcelona",
        "San Fran, San Francisco",
        "Melborne, Melbourne",
        "Amsterdm, Amsterdam",
        "xq, ''",
        "Xyzzyxyzzy, ''",
    })
    void suggestsNearMatches(String asked, String expected) {
        var names = gazetteer.suggestions(asked).stream().map(City::name).toList();
        if (expected.isEmpty()) {
            assertThat(names).isEmpty();
        } else {
            assertThat(names).contains(expected).hasSizeLessThanOrEqualTo(3);
        }
    }
}
