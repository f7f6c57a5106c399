// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The spans for which counts are kept, each in steps of equal length. */
public enum Window {
    /** Five minutes in steps of ten seconds. */
    FIVE_MINUTES("5m", 30, Duration.ofSeconds(10)),
    /** An hour in steps of a minute. */
    HOUR("1h", 60, Duration.ofMinutes(1)),
    /** A day in steps of a quarter of an hour. */
    DAY("1d", 96, Duration.ofMinutes(15));

    private final String text;
    private final int steps;
    private final Duration step;
    private final long stepSeconds;

    Window(String text, int steps, Duration step) {
        this.text = text;
        this.steps = steps;
        this.step = step;
        this.stepSeconds = step.toSeconds();
    }

    /** The window of a word of the API; empty when there is none. */
    public static Optional<Window> parse(String text) {
        return Arrays.stream(values())
                .filter(window -> window.text.equals(text))
                .findFirst();
    }

    /** The word of the API, for example {@code 5m}. */
    public String text() {
        return text;
    }

    /** The number of steps. */
    public int steps() {
        return steps;
    }

    /** The length of a step. */
    public Duration step() {
        return step;
    }

    /** The length of all steps. */
    public Duration length() {
        return step.multipliedBy(steps);
    }

    /** The number of the step that a second is in; both are counted from 1970. */
    int stepAt(long epochSecond) {
        return (int) (epochSecond / stepSeconds);
    }

    /** The time of the first instant of each step up to now, oldest first. */
    public List<Instant> times(Instant now) {
        int last = stepAt(now.getEpochSecond());
        return IntStream.rangeClosed(last - steps + 1, last)
                .mapToObj(number -> Instant.ofEpochSecond(number * stepSeconds))
                .toList();
    }
}
