// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;

/**
 * One moment on two clocks: {@code convertTime}'s structured content, and in {@link #toString} its text.
 *
 * @param dayShift days by which the target's calendar is ahead; negative if behind
 * @param note the reading of a stated time that the clock skips or shows twice; otherwise empty
 */
record Conversion(Side from, Side to, String instant, long dayShift, String note) {

    /** The reading of one clock. */
    record Side(String city, String zone, String offset, String localDate, String localTime) {

        static Side of(Place place, ZonedDateTime moment) {
            return new Side(
                    place.name(),
                    place.zone().getId(),
                    LocalMoment.offset(moment.getOffset()),
                    moment.toLocalDate().toString(),
                    clock(moment.toLocalDateTime()));
        }

        @Override
        public String toString() {
            return localTime + " in " + city + " (" + localDate + ", UTC" + offset + ")";
        }
    }

    static Conversion of(StatedTime time, Place from, Place to, Instant now) {
        if (time instanceof StatedTime.Now) {
            return between(from, to, now.truncatedTo(ChronoUnit.MINUTES).atZone(from.zone()), "");
        }
        LocalDateTime stated = time.in(from.zone(), now);
        // In a gap the clock moves forward by the gap's length; the first of two occurrences counts.
        ZonedDateTime taken = stated.atZone(from.zone());
        return between(from, to, taken, note(stated, taken, from));
    }

    private static Conversion between(Place from, Place to, ZonedDateTime there, String note) {
        ZonedDateTime here = there.withZoneSameInstant(to.zone());
        long dayShift = ChronoUnit.DAYS.between(there.toLocalDate(), here.toLocalDate());
        return new Conversion(
                Side.of(from, there), Side.of(to, here), there.toInstant().toString(), dayShift, note);
    }

    private static String note(LocalDateTime stated, ZonedDateTime taken, Place place) {
        ZoneOffsetTransition change = place.zone().getRules().getTransition(stated);
        if (change == null) {
            return "";
        }
        return change.isGap()
                ? clock(stated) + " does not exist in " + place.name() + " on that day: the clocks go forward from "
                        + clock(change.getDateTimeBefore()) + " to " + clock(change.getDateTimeAfter()) + "; "
                        + clock(taken.toLocalDateTime()) + " was taken"
                : clock(stated) + " comes twice in " + place.name()
                        + " on that day, because the clocks go back; the first, at UTC"
                        + LocalMoment.offset(taken.getOffset()) + ", was taken";
    }

    private static String clock(LocalDateTime time) {
        return DateTimeFormatter.ofPattern(time.getSecond() == 0 ? "HH:mm" : "HH:mm:ss")
                .format(time);
    }

    private String day() {
        if (dayShift == 0) {
            return "the same day";
        }
        String days = Math.abs(dayShift) == 1 ? "a day" : Math.abs(dayShift) + " days";
        return dayShift > 0 ? days + " later" : days + " earlier";
    }

    @Override
    public String toString() {
        return from + " is " + to + ", " + day() + (note.isEmpty() ? "" : "; " + note);
    }
}
