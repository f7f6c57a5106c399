// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import java.time.Duration;

/**
 * The end of the time for all checks. A step never gets less than a moment, so that its result is about the server.
 *
 * @param nanoTime on the clock of {@link System#nanoTime}
 */
record Deadline(long nanoTime) {

    private static final Duration MOMENT = Duration.ofMillis(500);

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    Duration left() {
        Duration left = Duration.ofNanos(nanoTime - System.nanoTime());
        return left.compareTo(MOMENT) < 0 ? MOMENT : left;
    }

    Duration leftUpTo(Duration most) {
        Duration left = left();
        return left.compareTo(most) < 0 ? left : most;
    }
}
