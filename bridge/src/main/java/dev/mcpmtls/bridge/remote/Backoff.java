// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import java.time.Duration;

/** Growing pauses between attempts, from a fifth of a second to ten. For one thread. */
final class Backoff {

    static final Duration FIRST = Duration.ofMillis(200);

    private static final Duration LAST = Duration.ofSeconds(10);

    private Duration pause = FIRST;

    Duration next() {
        Duration now = pause;
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(LAST) < 0 ? twice : LAST;
        return now;
    }

    void reset() {
        pause = FIRST;
    }
}
