// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often each peer may use a rule: a bucket of that many calls, refilled evenly.
 *
 * @param calls at least 1
 * @param period one second, minute or hour
 * @param text as it was written, for example {@code 60/min}
 */
record Rate(int calls, Duration period, String text) {

    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,5})\\s*/\\s*(s|min|h)");

    /**
     * Parses a rate.
     *
     * @throws IllegalArgumentException when it is none
     */
    static Rate parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "this is no rate\nwrite a number from 1 to 999999 and s, min or h, for example 60/min");
        }
        return new Rate(Integer.parseInt(form.group(1)), period(form.group(2)), text);
    }

    private static Duration period(String unit) {
        return switch (unit) {
            case "s" -> Duration.ofSeconds(1);
            case "min" -> Duration.ofMinutes(1);
            default -> Duration.ofHours(1);
        };
    }

    /** The time in which one call comes back. */
    long nanosPerCall() {
        return period.toNanos() / calls;
    }
}
