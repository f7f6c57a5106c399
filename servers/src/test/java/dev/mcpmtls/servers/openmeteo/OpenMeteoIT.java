// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.openmeteo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.servers.gazetteer.City;
import dev.mcpmtls.servers.gazetteer.Gazetteer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenMeteoIT {

    private static final String CURRENT = """
            {"latitude":35.7,"longitude":139.7,"current":{"time":1795426200,"interval":900,"temperature_2m":18.4,"weather_code":2}}""";
    private static final City TOKYO = Gazetteer.builtIn().find("Tokyo").orElseThrow();

    private final CountDownLatch testOver = new CountDownLatch(1);
    private final WeatherService service = new WeatherService(WeatherService.json(CURRENT));
    private Instant now = Instant.parse("2026-11-22T09:30:00Z");
    private final OpenMeteo client = service.client(Duration.ofSeconds(5), () -> now);

    @AfterEach
    void close() {
        testOver.countDown();
        service.close();
    }

    @Test
    void readsTheCurrentWeather() {
        assertThat(client.current(TOKYO).join())
                .isEqualTo(new OpenMeteo.Current(18.4, 2, Instant.ofEpochSecond(1795426200)));
        assertThat(service.requests()).singleElement().satisfies(uri -> {
            assertThat(uri.getPath()).isEqualTo("/v1/forecast");
            assertThat(uri.getQuery())
                    .contains("latitude=35.6800", "longitude=139.6900", "current=temperature_2m,weather_code");
        });
    }

    @Test
    void readsTheForecast() {
        service.behave(WeatherService.json("""
                {"daily":{"time":["2026-11-22","2026-11-23"],"weather_code":[2,61],
                 "temperature_2m_min":[9.1,8],"temperature_2m_max":[15.2,13.9]}}"""));

        assertThat(client.days(TOKYO, 2).join())
                .containsExactly(
                        new OpenMeteo.Day(LocalDate.parse("2026-11-22"), 9.1, 15.2, 2),
                        new OpenMeteo.Day(LocalDate.parse("2026-11-23"), 8, 13.9, 61));
        assertThat(service.requests().get(0).getQuery()).contains("timezone=Asia/Tokyo", "forecast_days=2");
    }

    @Test
    void findsAPlaceAndTellsNamesakesApart() {
        service.behave(WeatherService.json("""
                {"results":[
                 {"name":"Paris","latitude":48.85,"longitude":2.35,"country_code":"FR","timezone":"Europe/Paris","country":"France"},
                 {"name":"Paris","latitude":33.66,"longitude":-95.55,"country_code":"US","timezone":"America/Chicago",
                  "country":"United States","admin1":"Texas"}]}"""));

        assertThat(client.locate("Paris").join()).map(City::country).contains("France");
        assertThat(client.locate("Paris, texas").join()).map(City::country).contains("United States");
        assertThat(client.locate("Paris, Peru").join()).isEmpty();
        assertThat(service.requests().get(1).getQuery()).contains("name=Paris").doesNotContain("texas");
    }

    @Test
    void knowsNoPlaceWhenTheServiceListsNone() {
        service.behave(WeatherService.json("{\"generationtime_ms\":0.5}"));
        assertThat(client.locate("Atlantis & Co?x=1").join()).isEmpty();
        assertThat(service.requests().get(0).getQuery()).contains("name=Atlantis & Co?x=1");
    }

    static Stream<WeatherService.Behaviour> badAnswers() {
        return Stream.of(
                WeatherService.json(""),
                WeatherService.json("<html>"),
                WeatherService.json("{\"current\":"),
                WeatherService.json("[]"),
                WeatherService.json("{}"),
                WeatherService.json("{\"current\":{\"time\":1795426200,\"temperature_2m\":\"18\",\"weather_code\":2}}"),
                WeatherService.json("{\"current\":{\"time\":1795426200,\"temperature_2m\":999,\"weather_code\":2}}"),
                WeatherService.json("{\"current\":{\"time\":1.5,\"temperature_2m\":9,\"weather_code\":2}}"),
                WeatherService.json("[".repeat(100_000)),
                WeatherService.status(500, "{}"),
                WeatherService.status(429, "{\"error\":true,\"reason\":\"Too many requests\"}"),
                WeatherService.status(302, ""),
                WeatherService.status(400, "{\"error\":true}"));
    }

    @ParameterizedTest
    @MethodSource("badAnswers")
    void aBadAnswerIsAFailure(WeatherService.Behaviour bad) {
        service.behave(bad);
        fails(client.current(TOKYO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mars/Phobos", ""})
    void aPlaceWithoutAKnownClockIsAFailure(String zone) {
        service.behave(WeatherService.json(
                "{\"results\":[{\"name\":\"X\",\"latitude\":1,\"longitude\":2,\"timezone\":\"" + zone + "\"}]}"));
        fails(client.locate("X"));
    }

    @Test
    void aHugeAnswerIsCutOff() {
        service.behave(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[64 * 1024];
            for (int i = 0; i < 1024; i++) {
                exchange.getResponseBody().write(block);
            }
        });
        assertThatThrownBy(client.current(TOKYO)::join).hasRootCauseMessage("the answer is larger than 262144 bytes");
    }

    @Test
    void aSilentServiceTimesOut() {
        service.behave(exchange -> await());
        OpenMeteo impatient = service.client(Duration.ofMillis(200), () -> now);
        fails(impatient.current(TOKYO)).hasMessageContaining("did not answer within 200 ms");
    }

    @Test
    void aBodyThatNeverEndsTimesOut() {
        service.behave(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            await();
        });
        OpenMeteo impatient = service.client(Duration.ofMillis(300), () -> now);
        fails(impatient.current(TOKYO)).hasMessageContaining("did not answer within 300 ms");
    }

    @Test
    void aClosedPortIsAFailure() throws IOException {
        URI nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        fails(new OpenMeteo(nobody, nobody, Duration.ofSeconds(5), () -> now).current(TOKYO))
                .hasMessageContaining("cannot be reached");
    }

    @Test
    void afterAFailureItIsLeftAloneForAWhile() {
        service.behave(WeatherService.status(429, ""));
        fails(client.current(TOKYO)).hasMessageContaining("status 429");
        service.behave(WeatherService.json(CURRENT));

        fails(client.current(TOKYO)).hasMessageContaining("not asked again yet");
        assertThat(service.requests()).hasSize(1);

        now = now.plusSeconds(31);
        assertThat(client.current(TOKYO).join().celsius()).isEqualTo(18.4);
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> fails(
            CompletableFuture<?> asked) {
        return assertThatThrownBy(asked::join).cause().isInstanceOf(OpenMeteoUnavailable.class);
    }

    private void await() {
        try {
            testOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
