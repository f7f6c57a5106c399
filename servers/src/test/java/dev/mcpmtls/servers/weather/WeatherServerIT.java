// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.servers.Calls;
import dev.mcpmtls.servers.openmeteo.WeatherService;
import dev.mcpmtls.servers.weather.Weather.Provider;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WeatherServerIT {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-22T09:30:00Z"));
    private static final String CURRENT =
            "{\"current\":{\"time\":1795426200,\"temperature_2m\":18.44,\"weather_code\":2}}";

    private final WeatherService service = new WeatherService(WeatherService.json(CURRENT));

    @AfterEach
    void close() {
        service.close();
    }

    private Calls calls(Provider provider) {
        return new Calls(
                WeatherServer.tools(Weather.from(provider, service.client(Duration.ofSeconds(5), CLOCK), CLOCK)));
    }

    @Test
    void tellsMeasuredWeatherInTheAgreedShape() {
        assertThat(calls(Provider.AUTO).text("getTemperature", Map.of("city", "tokyo")))
                .isEqualTo("Weather in Tokyo: 18.4°C, Partly cloudy");
        assertThat(calls(Provider.OPEN_METEO).structured("getTemperature", Map.of("city", "Tokyo")))
                .isEqualTo(Map.of(
                        "city", "Tokyo",
                        "country", "Japan",
                        "latitude", 35.68,
                        "longitude", 139.69,
                        "temperatureCelsius", 18.4,
                        "conditions", "Partly cloudy",
                        "observedAt", "2026-11-23T09:30:00Z",
                        "source", "open-meteo"));
    }

    @Test
    void simulatesAndSaysSoWhenTheServiceFails() {
        service.behave(WeatherService.status(503, ""));
        Calls calls = calls(Provider.AUTO);

        assertThat(calls.text("getTemperature", Map.of("city", "Tokyo")))
                .matches("Weather in Tokyo: -?\\d+\\.\\d°C, [A-Z][a-z ]+ \\(simulated\\)");
        assertThat(calls.structured("getTemperature", Map.of("city", "Tokyo"))).containsEntry("source", "simulated");
        assertThat(service.requests()).as("not asked again so soon").hasSize(1);
    }

    @Test
    void asksNobodyWhenEverythingIsSimulated() {
        Calls calls = calls(Provider.SIMULATED);
        assertThat(calls.text("getTemperature", Map.of("city", "Oslo"))).endsWith("(simulated)");
        assertThat(calls.error("getTemperature", Map.of("city", "Oslooo"))).contains("Did you mean Oslo (Norway)?");
        assertThat(service.requests()).isEmpty();
    }

    @Test
    void failsWithTheReasonWhenOnlyMeasurementsWillDo() {
        service.behave(WeatherService.status(500, ""));
        assertThat(calls(Provider.OPEN_METEO).error("getTemperature", Map.of("city", "Tokyo")))
                .isEqualTo(
                        "The weather service cannot answer: 127.0.0.1 answered with status 500. Try again later, or run this"
                                + " server with the simulated provider.");
    }

    @Test
    void forecastsOneLineADay() {
        String text = calls(Provider.SIMULATED).text("getForecast", Map.of("city", "NYC", "days", 7));
        assertThat(text.split("\n"))
                .hasSize(7)
                .allSatisfy(
                        line -> assertThat(line)
                                .matches(
                                        "Forecast for New York on 2026-11-\\d\\d: -?\\d+\\.\\d to -?\\d+\\.\\d°C, [A-Z][a-z ]+ \\(simulated\\)"));
        assertThat(calls(Provider.SIMULATED)
                        .text("getForecast", Map.of("city", "Paris"))
                        .split("\n"))
                .hasSize(3);
    }

    @Test
    void forecastsFromTheService() {
        service.behave(
                WeatherService.json(
                        "{\"daily\":{\"time\":[\"2026-11-22\"],\"weather_code\":[61],\"temperature_2m_min\":[9],\"temperature_2m_max\":[15.25]}}"));
        assertThat(calls(Provider.AUTO).text("getForecast", Map.of("city", "Tokyo", "days", 1)))
                .isEqualTo("Forecast for Tokyo on 2026-11-22: 9.0 to 15.3°C, Light rain");
        assertThat(calls(Provider.AUTO).structured("getForecast", Map.of("city", "Tokyo", "days", 1)))
                .containsEntry(
                        "days",
                        List.of(Map.of(
                                "date",
                                "2026-11-22",
                                "lowCelsius",
                                9.0,
                                "highCelsius",
                                15.3,
                                "conditions",
                                "Light rain")));
    }

    @Test
    void findsSmallPlacesWithTheGeocoder() {
        service.behave(exchange -> WeatherService.json(
                        exchange.getRequestURI().getPath().equals("/v1/search")
                                ? "{\"results\":[{\"name\":\"Ulm\",\"country\":\"Germany\",\"latitude\":48.4,\"longitude\":9.99,\"timezone\":\"Europe/Berlin\"}]}"
                                : CURRENT)
                .answer(exchange));
        assertThat(calls(Provider.AUTO).text("getTemperature", Map.of("city", "ulm")))
                .isEqualTo("Weather in Ulm: 18.4°C, Partly cloudy");
    }

    @Test
    void refusesADayCountOutOfRange() {
        assertThat(calls(Provider.SIMULATED).error("getForecast", Map.of("city", "Rome", "days", 8)))
                .isEqualTo("\"days\" must be a whole number from 1 to 7, but is 8.");
    }
}
