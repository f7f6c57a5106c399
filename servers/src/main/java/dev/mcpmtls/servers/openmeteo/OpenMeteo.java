// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.openmeteo;

import dev.mcpmtls.servers.gazetteer.City;
import dev.mcpmtls.servers.gazetteer.Geocoder;
import dev.mcpmtls.servers.gazetteer.Normals;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * A client of Open-Meteo's geocoding and forecast APIs (open-meteo.com/en/docs; no key needed). It sends names and coordinates
 * of cities, and no data about the caller. Never blocks; failures are {@link OpenMeteoUnavailable}. Thread-safe.
 */
public final class OpenMeteo implements Geocoder {

    private static final URI GEOCODING = URI.create("https://geocoding-api.open-meteo.com");
    private static final URI FORECAST = URI.create("https://api.open-meteo.com");
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final URI geocoding;
    private final URI forecast;
    private final JsonService places;
    private final JsonService weather;

    /**
     * A client of an Open-Meteo service.
     *
     * @param geocoding base of {@code /v1/search}
     * @param forecast base of {@code /v1/forecast}
     * @param timeout for each whole request
     */
    public OpenMeteo(URI geocoding, URI forecast, Duration timeout, InstantSource clock) {
        this.geocoding = geocoding;
        this.forecast = forecast;
        this.places = new JsonService(timeout, clock);
        this.weather = new JsonService(timeout, clock);
    }

    /** A client of the public service. */
    public static OpenMeteo publicService(InstantSource clock) {
        return new OpenMeteo(GEOCODING, FORECAST, TIMEOUT, clock);
    }

    /**
     * The weather somewhere now.
     *
     * @param code WMO weather interpretation code
     */
    public record Current(double celsius, int code, Instant at) {}

    /**
     * The weather of a day.
     *
     * @param code WMO weather interpretation code
     */
    public record Day(LocalDate date, double low, double high, int code) {}

    /** The weather in a city now. */
    public CompletableFuture<Current> current(City city) {
        return weather.get(forecastUri(city, "current=temperature_2m,weather_code&timeformat=unixtime"))
                .thenApply(answer -> {
                    JsonNode current = answer.path("current");
                    return new Current(
                            celsius(current.path("temperature_2m")),
                            whole(current.path("weather_code")),
                            Instant.ofEpochSecond(whole(current.path("time"))));
                });
    }

    /** The weather in a city on the next days, the city's today first. */
    public CompletableFuture<List<Day>> days(City city, int count) {
        String query = "daily=weather_code,temperature_2m_min,temperature_2m_max&forecast_days=" + count + "&timezone="
                + encoded(city.zone().getId());
        return weather.get(forecastUri(city, query)).thenApply(answer -> days(answer.path("daily"), count));
    }

    /** The first place of that name; its country or region may follow after a comma. */
    @Override
    public CompletableFuture<Optional<City>> locate(String name) {
        String[] parts = name.split(",", 2);
        String wanted = parts.length > 1 ? parts[1].trim() : "";
        URI uri = geocoding.resolve("/v1/search?count=10&language=en&format=json&name=" + encoded(parts[0].trim()));
        return places.get(uri).thenApply(answer -> {
            for (JsonNode result : answer.path("results")) {
                if (wanted.isEmpty() || lies(result, wanted)) {
                    return Optional.of(city(result));
                }
            }
            return Optional.empty();
        });
    }

    private static boolean lies(JsonNode result, String where) {
        return List.of("country", "country_code", "admin1").stream()
                .anyMatch(field -> result.path(field).asString("").equalsIgnoreCase(where));
    }

    private static City city(JsonNode result) {
        try {
            double latitude = number(result.path("latitude"));
            return new City(
                    result.path("name").asString(),
                    result.path("country").asString(""),
                    latitude,
                    number(result.path("longitude")),
                    ZoneId.of(result.path("timezone").asString("")),
                    Normals.ofLatitude(latitude));
        } catch (DateTimeException e) {
            throw new OpenMeteoUnavailable("the geocoder named an unknown time zone", e);
        }
    }

    private static List<Day> days(JsonNode daily, int count) {
        List<Day> days = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            days.add(new Day(
                    date(daily.path("time").path(i)),
                    celsius(daily.path("temperature_2m_min").path(i)),
                    celsius(daily.path("temperature_2m_max").path(i)),
                    whole(daily.path("weather_code").path(i))));
        }
        return List.copyOf(days);
    }

    private URI forecastUri(City city, String query) {
        return forecast.resolve(String.format(
                Locale.ROOT, "/v1/forecast?latitude=%.4f&longitude=%.4f&%s", city.latitude(), city.longitude(), query));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static double celsius(JsonNode node) {
        double value = number(node);
        if (value < -100 || value > 70) {
            throw new OpenMeteoUnavailable("the weather service reported an impossible temperature");
        }
        return value;
    }

    private static int whole(JsonNode node) {
        double value = number(node);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw new OpenMeteoUnavailable("the weather service reported a broken number where a whole one belongs");
        }
        return (int) value;
    }

    private static double number(JsonNode node) {
        if (!node.isNumber()) {
            throw new OpenMeteoUnavailable("the weather service's answer lacks a number");
        }
        return node.doubleValue();
    }

    private static LocalDate date(JsonNode node) {
        try {
            return LocalDate.parse(node.asString(""));
        } catch (DateTimeException e) {
            throw new OpenMeteoUnavailable("the weather service's answer lacks a date", e);
        }
    }
}
