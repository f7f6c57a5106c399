// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import dev.mcpmtls.servers.ToolFailure;
import dev.mcpmtls.servers.gazetteer.Atlas;
import dev.mcpmtls.servers.gazetteer.City;
import dev.mcpmtls.servers.openmeteo.OpenMeteo;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The source of the weather server's data. Thread-safe; never blocks. */
public final class Weather {

    private static final Logger LOG = LoggerFactory.getLogger(Weather.class);

    private final Provider provider;
    private final OpenMeteo service;
    private final Atlas atlas;
    private final InstantSource clock;

    private Weather(Provider provider, OpenMeteo service, Atlas atlas, InstantSource clock) {
        this.provider = provider;
        this.service = service;
        this.atlas = atlas;
        this.clock = clock;
    }

    /** The providers of weather data. */
    public enum Provider {
        /** Open-Meteo, and the built-in climate model when it cannot be reached. */
        AUTO,
        /** Open-Meteo; a call fails when it cannot be reached. */
        OPEN_METEO,
        /** The built-in climate model; nothing leaves the machine. */
        SIMULATED
    }

    /** Weather from that provider; the service is not called in simulation. */
    public static Weather from(Provider provider, OpenMeteo service, InstantSource clock) {
        Atlas atlas = provider == Provider.SIMULATED ? Atlas.builtIn() : Atlas.online(service);
        return new Weather(provider, service, atlas, clock);
    }

    CompletableFuture<Report.Now> now(String name) {
        return atlas.find(name)
                .thenCompose(city -> provided(
                        () -> service.current(city)
                                .thenApply(now -> Report.Now.of(
                                        city, now.celsius(), now.code(), now.at(), Report.Source.OPEN_METEO)),
                        () -> ClimateModel.now(city, clock.instant())));
    }

    CompletableFuture<Report.Forecast> forecast(String name, int days) {
        return atlas.find(name)
                .thenCompose(city -> provided(
                        () -> service.days(city, days).thenApply(found -> forecast(city, found)),
                        () -> ClimateModel.forecast(city, days, clock.instant())));
    }

    private static Report.Forecast forecast(City city, List<OpenMeteo.Day> days) {
        return Report.Forecast.of(
                city,
                days.stream()
                        .map(day -> Report.Day.of(day.date(), day.low(), day.high(), day.code()))
                        .toList(),
                Report.Source.OPEN_METEO);
    }

    private <T> CompletableFuture<T> provided(Supplier<CompletableFuture<T>> online, Supplier<T> simulated) {
        return switch (provider) {
            case SIMULATED -> CompletableFuture.completedFuture(simulated.get());
            case AUTO ->
                online.get().exceptionally(failure -> {
                    LOG.debug("Simulating the weather: {}", reason(failure));
                    return simulated.get();
                });
            case OPEN_METEO ->
                online.get().exceptionally(failure -> {
                    throw new ToolFailure(
                            "The weather service cannot answer: " + reason(failure)
                                    + ". Try again later, or run this server with the simulated provider.",
                            failure);
                });
        };
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return String.valueOf(cause == null ? null : cause.getMessage());
    }
}
