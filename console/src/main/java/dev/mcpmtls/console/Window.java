// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** The spans for which counts are kept, each in steps of equal length. */
enum Window {
    /** Five minutes in steps of ten seconds. */
    FIVE_MINUTES("5m", 30, Duration.ofSeconds(10)),
    /** An hour in steps of a minute. */
    HOUR("1h", 60, Duration.ofMinutes(1)),
    /** A day in steps of a quarter of an hour. */
    DAY("1d", 96, Duration.ofMinutes(15));

    private final String text;
    private final int steps;
    private final Duration step;

    Window(String text, int steps, Duration step) {
        this.text = text;
        this.steps = steps;
        this.step = step;
    }

    /** The window of a word of the API; empty when there is none. */
    static Optional<Window> parse(String text) {
        return Arrays.stream(values())
                .filter(window -> window.text.equals(text))
                .findFirst();
    }

    /** The word of the API, for example {@code 5m}. */
    String text() {
        return text;
    }

    /** The number of steps. */
    int steps() {
        return steps;
    }

    /** The length of a step. */
    Duration step() {
        return step;
    }

    /** The length of all steps. */
    Duration length() {
        return step.multipliedBy(steps);
    }

    /** The number of the step that an instant is in, counted from 1970. */
    int stepAt(long epochSecond) {
        return (int) (epochSecond / step.toSeconds());
    }
}
