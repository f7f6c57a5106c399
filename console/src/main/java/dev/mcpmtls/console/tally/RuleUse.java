// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often an access rule decided, since the start of the process. Thread-safe. */
public final class RuleUse {

    private final Map<CallOutcome, LongAdder> counts = new EnumMap<>(CallOutcome.class);
    private volatile Instant lastAt = Instant.EPOCH;

    RuleUse() {
        for (CallOutcome outcome : CallOutcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    void add(CallOutcome outcome, Instant at) {
        adder(outcome).increment();
        lastAt = at;
    }

    /** How often it decided so. */
    public long count(CallOutcome outcome) {
        return adder(outcome).sum();
    }

    private LongAdder adder(CallOutcome outcome) {
        return Objects.requireNonNull(counts.get(outcome));
    }

    /** When it decided last; {@link Instant#EPOCH} when it never did. */
    public Instant lastAt() {
        return lastAt;
    }
}
