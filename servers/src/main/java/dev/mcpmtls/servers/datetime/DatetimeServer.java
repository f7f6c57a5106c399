// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import dev.mcpmtls.servers.Arguments;
import dev.mcpmtls.servers.ReadOnlyTool;
import dev.mcpmtls.servers.ReadOnlyTool.Reply;
import dev.mcpmtls.servers.ServerProfile;
import dev.mcpmtls.servers.gazetteer.Atlas;
import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.spec.McpStreamableServerTransportProvider;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The {@code datetime-mcp} server: {@code getDateTime(city)} and {@code convertTime(time, from, to)}. Time zones and daylight
 * saving come from the JDK. A time zone such as {@code UTC} or {@code Europe/Berlin} is accepted in place of a city.
 */
public final class DatetimeServer {

    private static final ServerProfile PROFILE = new ServerProfile(
            "datetime-mcp",
            "Date and time",
            "getDateTime returns the time in a city now; convertTime converts a time in one city "
                    + "to the time in another. Name cities in English or their local language; add a country or state to a "
                    + "shared name.");

    private final Atlas atlas;
    private final InstantSource clock;

    private DatetimeServer(Atlas atlas, InstantSource clock) {
        this.atlas = atlas;
        this.clock = clock;
    }

    /** Runs the server over a transport. */
    public static McpAsyncServer over(
            McpStreamableServerTransportProvider transport, Atlas atlas, InstantSource clock) {
        return PROFILE.over(transport, tools(atlas, clock));
    }

    static List<AsyncToolSpecification> tools(Atlas atlas, InstantSource clock) {
        DatetimeServer server = new DatetimeServer(atlas, clock);
        return List.of(
                ReadOnlyTool.of(DatetimeServer.class, "getDateTime", (args, context) -> server.getDateTime(args)),
                ReadOnlyTool.of(DatetimeServer.class, "convertTime", (args, context) -> server.convertTime(args)));
    }

    private CompletableFuture<Reply> getDateTime(Arguments arguments) {
        return place(arguments.text("city")).thenApply(place -> {
            LocalMoment moment = LocalMoment.of(place, clock.instant());
            return new Reply(moment.toString(), moment);
        });
    }

    private CompletableFuture<Reply> convertTime(Arguments arguments) {
        StatedTime time = StatedTime.parse(arguments.text("time"));
        return place(arguments.text("from")).thenCombine(place(arguments.text("to")), (from, to) -> {
            Conversion conversion = Conversion.of(time, from, to, clock.instant());
            return new Reply(conversion.toString(), conversion);
        });
    }

    private CompletableFuture<Place> place(String name) {
        ZoneId zone = zoneNamed(name.trim());
        return zone != null
                ? CompletableFuture.completedFuture(new Place(zone.getId(), zone))
                : atlas.find(name).thenApply(city -> new Place(city.name(), city.zone()));
    }

    private static @Nullable ZoneId zoneNamed(String name) {
        boolean universal = List.of("UTC", "GMT").contains(name.toUpperCase(Locale.ROOT));
        if (!universal && name.indexOf('/') < 0) {
            return null;
        }
        try {
            return ZoneId.of(universal ? name.toUpperCase(Locale.ROOT) : name);
        } catch (DateTimeException notAZone) {
            return null;
        }
    }
}
