// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import java.util.Map;

/**
 * An edge with its counts by outcome.
 *
 * @param outcomes those that happened; at least one
 */
public record EdgeCount(Edge edge, Map<CallOutcome, Long> outcomes) {

    /** Copies the map. */
    public EdgeCount {
        outcomes = Map.copyOf(outcomes);
    }

    /** How often it happened so. */
    public long count(CallOutcome outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }

    /** All calls. */
    public long calls() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }
}
