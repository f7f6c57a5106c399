// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.weather;

import dev.mcpmtls.servers.ReadOnlyTool;
import dev.mcpmtls.servers.ReadOnlyTool.Reply;
import dev.mcpmtls.servers.ServerProfile;
import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import java.util.List;

/** The {@code weather-mcp} server: {@code getTemperature(city)} and {@code getForecast(city, days)}. */
public final class WeatherServer {

    private static final ServerProfile PROFILE = new ServerProfile(
            "weather-mcp",
            "Weather",
            "getTemperature returns the weather in a city now, getForecast that of the next one to seven days. "
                    + "Name cities in English or their local language; add a country or state to a shared name. An answer "
                    + "marked (simulated) is not measured.");

    private WeatherServer() {}

    /** Runs the server over a transport. */
    public static McpAsyncServer over(McpStreamableServerTransportProvider transport, Weather weather) {
        return PROFILE.over(transport, tools(weather));
    }

    static List<AsyncToolSpecification> tools(Weather weather) {
        return List.of(
                ReadOnlyTool.of(
                        WeatherServer.class,
                        "getTemperature",
                        (arguments, context) ->
                                weather.now(arguments.text("city")).thenApply(WeatherServer::reply)),
                ReadOnlyTool.of(
                        WeatherServer.class,
                        "getForecast",
                        (arguments, context) -> weather.forecast(arguments.text("city"), arguments.number("days"))
                                .thenApply(WeatherServer::reply)));
    }

    private static Reply reply(Report report) {
        return new Reply(report.text(), report);
    }
}
