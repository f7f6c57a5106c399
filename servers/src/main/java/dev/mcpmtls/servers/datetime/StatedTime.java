// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.datetime;

import dev.mcpmtls.servers.Quoted;
import dev.mcpmtls.servers.ToolFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as a user states it: today at some hour, at some hour of some day, or now. */
sealed interface StatedTime {

    /** The local time in that zone; it may be in a gap or an overlap of that zone's clock. */
    LocalDateTime in(ZoneId zone, Instant now);

    /**
     * Parses {@code 14:30}, {@code 14:30:15}, {@code 2pm}, {@code 2:30 p.m.}, {@code noon}, {@code midnight}, {@code now}, and
     * an ISO date before any clock time, with a T or a space between.
     *
     * @throws ToolFailure naming the text, if it is none of these
     */
    static StatedTime parse(String text) {
        String wanted = text.trim().toLowerCase(Locale.ROOT);
        if (wanted.equals("now")) {
            return new Now();
        }
        Matcher dated = Form.DATED.matcher(wanted);
        try {
            return dated.matches()
                    ? new At(LocalDate.parse(dated.group(1)).atTime(clockTime(dated.group(2))))
                    : new Today(clockTime(wanted));
        } catch (DateTimeException e) {
            throw new ToolFailure(
                    "Cannot read the time " + Quoted.of(text) + ". Write 14:30, 2pm, noon, now or 2026-11-22T14:30.",
                    e);
        }
    }

    private static LocalTime clockTime(String text) {
        if (text.equals("noon")) {
            return LocalTime.NOON;
        }
        if (text.equals("midnight")) {
            return LocalTime.MIDNIGHT;
        }
        Matcher clock = Form.CLOCK.matcher(text);
        boolean twelveHours = clock.matches() && clock.group("half") != null;
        if (!clock.matches() || (clock.group("minute") == null && !twelveHours)) {
            throw new DateTimeException("not a clock time");
        }
        int hour = Integer.parseInt(clock.group("hour"));
        return LocalTime.of(
                twelveHours ? hourOfDay(hour, clock.group("half").equals("p")) : hour,
                number(clock, "minute"),
                number(clock, "second"));
    }

    private static int hourOfDay(int hour, boolean afternoon) {
        if (hour < 1 || hour > 12) {
            throw new DateTimeException("no such hour on a twelve-hour clock");
        }
        return hour % 12 + (afternoon ? 12 : 0);
    }

    private static int number(Matcher clock, String group) {
        String digits = clock.group(group);
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    /** The present moment, to the minute. */
    record Now() implements StatedTime {
        @Override
        public LocalDateTime in(ZoneId zone, Instant now) {
            return LocalDateTime.ofInstant(now, zone).truncatedTo(ChronoUnit.MINUTES);
        }
    }

    /** A clock time on that zone's present day. */
    record Today(LocalTime time) implements StatedTime {
        @Override
        public LocalDateTime in(ZoneId zone, Instant now) {
            return LocalDate.ofInstant(now, zone).atTime(time);
        }
    }

    /** A clock time on a given day. */
    record At(LocalDateTime time) implements StatedTime {
        @Override
        public LocalDateTime in(ZoneId zone, Instant now) {
            return time;
        }
    }

    /** The shapes of stated times, in lower case. */
    final class Form {
        private static final Pattern DATED = Pattern.compile("(\\d{4}-\\d{2}-\\d{2})[t ]\\s*(.+)");
        private static final Pattern CLOCK = Pattern.compile(
                "(?<hour>\\d{1,2})(?:[:.](?<minute>\\d{2})(?::(?<second>\\d{2}))?)?\\s*(?:(?<half>[ap])\\.?m\\.?)?");

        private Form() {}
    }
}
