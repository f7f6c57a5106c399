// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test sets, forwards and backwards. */
final class MovableClock implements InstantSource {

    private volatile Instant now;

    MovableClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        return now;
    }

    void set(Instant time) {
        now = time;
    }

    void move(Duration by) {
        now = now.plus(by);
    }
}
