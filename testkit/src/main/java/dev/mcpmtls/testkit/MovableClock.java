// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test sets, forwards and backwards. */
public final class MovableClock implements InstantSource {

    private volatile Instant now;

    /** Stands at {@code now}. */
    public MovableClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        return now;
    }

    /** Sets it to {@code time}. */
    public void set(Instant time) {
        now = time;
    }

    /** Moves it; backwards when {@code by} is negative. */
    public void move(Duration by) {
        now = now.plus(by);
    }
}
