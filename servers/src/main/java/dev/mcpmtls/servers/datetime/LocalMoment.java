// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import org.jspecify.annotations.Nullable;

/**
 * An instant on the clocks of a place: {@code getDateTime}'s structured content, and in {@link #toString} its text.
 *
 * @param offset from UTC, for example {@code +09:00}
 * @param nextTransition the next change of the clocks; null if there is none
 */
record LocalMoment(
        String city,
        String zone,
        String offset,
        String instant,
        String localDate,
        String localTime,
        boolean daylightSaving,
        @Nullable Transition nextTransition) {

    static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    /** A change of the clocks. */
    record Transition(String instant, String offsetBefore, String offsetAfter) {}

    static LocalMoment of(Place place, Instant now) {
        ZonedDateTime local = now.truncatedTo(ChronoUnit.SECONDS).atZone(place.zone());
        return new LocalMoment(
                place.name(),
                place.zone().getId(),
                offset(local.getOffset()),
                local.toInstant().toString(),
                local.toLocalDate().toString(),
                TIME.format(local),
                place.zone().getRules().isDaylightSavings(now),
                next(place, now));
    }

    /** {@code +09:00}; UTC itself is {@code +00:00}, not {@code Z}. */
    static String offset(ZoneOffset offset) {
        return offset.equals(ZoneOffset.UTC) ? "+00:00" : offset.getId();
    }

    private static @Nullable Transition next(Place place, Instant now) {
        ZoneOffsetTransition next = place.zone().getRules().nextTransition(now);
        return next == null
                ? null
                : new Transition(
                        next.getInstant().toString(), offset(next.getOffsetBefore()), offset(next.getOffsetAfter()));
    }

    @Override
    public String toString() {
        return "Time in " + city + ": " + localDate + " " + localTime + " (" + zone + ", UTC" + offset + ")";
    }
}
