// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import static java.util.Map.entry;

import java.util.Map;

/** WMO weather interpretation codes (code table 4677 as Open-Meteo uses it) in words. */
final class Conditions {

    private static final Map<Integer, String> WORDS = Map.ofEntries(
            entry(0, "Clear sky"),
            entry(1, "Mainly clear"),
            entry(2, "Partly cloudy"),
            entry(3, "Overcast"),
            entry(45, "Fog"),
            entry(48, "Freezing fog"),
            entry(51, "Light drizzle"),
            entry(53, "Drizzle"),
            entry(55, "Dense drizzle"),
            entry(56, "Light freezing drizzle"),
            entry(57, "Freezing drizzle"),
            entry(61, "Light rain"),
            entry(63, "Rain"),
            entry(65, "Heavy rain"),
            entry(66, "Light freezing rain"),
            entry(67, "Freezing rain"),
            entry(71, "Light snow"),
            entry(73, "Snow"),
            entry(75, "Heavy snow"),
            entry(77, "Snow grains"),
            entry(80, "Light showers"),
            entry(81, "Showers"),
            entry(82, "Violent showers"),
            entry(85, "Light snow showers"),
            entry(86, "Snow showers"),
            entry(95, "Thunderstorm"),
            entry(96, "Thunderstorm with light hail"),
            entry(99, "Thunderstorm with hail"));

    private Conditions() {}

    static String of(int code) {
        return WORDS.getOrDefault(code, "Unknown conditions");
    }
}
