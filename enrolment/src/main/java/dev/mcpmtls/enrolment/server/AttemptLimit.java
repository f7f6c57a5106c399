// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds refused attempts: ten at once and one more every six seconds, for each IPv4 address and each /64 network of IPv6. Remembers
 * at most 10,000 addresses; the one that was refused least recently is forgotten first. Thread-safe.
 */
final class AttemptLimit {

    /** Whether an attempt is looked at. */
    enum Admission {
        /** It is. */
        ADMITTED,
        /** It is the first one too many since the last admitted one: worth a record. */
        FIRST_TOO_MANY,
        /** It is another one too many. */
        TOO_MANY
    }

    private static final int BURST = 10;
    private static final Duration EACH = Duration.ofSeconds(6);
    private static final int MOST_ADDRESSES = 10_000;

    private static final class Failures {
        /** When all failures so far will be forgiven. */
        private Instant until = Instant.MIN;

        private boolean isRecorded;
    }

    private final InstantSource clock;
    private final Map<String, Failures> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    AttemptLimit(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether another attempt from this address is looked at. */
    synchronized Admission admit(String network) {
        Failures failures = byAddress.get(network);
        if (failures == null || !isFull(failures)) {
            if (failures != null) {
                failures.isRecorded = false;
            }
            return Admission.ADMITTED;
        }
        boolean isFirst = !failures.isRecorded;
        failures.isRecorded = true;
        return isFirst ? Admission.FIRST_TOO_MANY : Admission.TOO_MANY;
    }

    private boolean isFull(Failures failures) {
        return failures.until.isAfter(clock.instant().plus(EACH.multipliedBy(BURST - 1L)));
    }

    /** Counts a refused attempt. */
    synchronized void refused(String network) {
        Failures failures = byAddress.computeIfAbsent(network, unknown -> new Failures());
        Instant now = clock.instant();
        failures.until = (failures.until.isBefore(now) ? now : failures.until).plus(EACH);
    }
}
