// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import java.time.Duration;
import java.time.Instant;

/** Lengths of time for people. */
public final class Times {

    private Times() {}

    /** The two largest units, for example {@code 23 h 59 min} or {@code 9 years}. */
    public static String text(Duration time) {
        if (time.toDays() >= 730) {
            return time.toDays() / 365 + " years";
        }
        if (time.toDays() >= 3) {
            return time.toDays() + " days";
        }
        if (time.toHours() > 0) {
            return time.toHours() + " h" + (time.toMinutesPart() == 0 ? "" : " " + time.toMinutesPart() + " min");
        }
        if (time.compareTo(Duration.ofSeconds(1)) < 0 && !time.isNegative()) {
            return time.toMillis() + " ms";
        }
        return time.toMinutes() > 0
                ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
                : Math.max(0, time.toSeconds()) + " s";
    }

    /** The time left until an instant, or the time since it. */
    public static String left(Instant end, Instant now) {
        return end.isAfter(now)
                ? text(Duration.between(now, end)) + " left"
                : "expired " + text(Duration.between(end, now)) + " ago";
    }
}
