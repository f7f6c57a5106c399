// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/** How often an access rule decided, since the start of the process. Thread-safe. */
public final class RuleUse {

    private final LongAdder[] counts = new LongAdder[CallOutcome.values().length];
    private volatile Instant lastAt = Instant.EPOCH;

    RuleUse() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    void add(CallOutcome outcome, Instant at) {
        counts[outcome.ordinal()].increment();
        lastAt = at;
    }

    /** How often it decided so. */
    public long count(CallOutcome outcome) {
        return counts[outcome.ordinal()].sum();
    }

    /** When it decided last; {@link Instant#EPOCH} when it never did. */
    public Instant lastAt() {
        return lastAt;
    }
}
