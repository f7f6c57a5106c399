// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import java.util.List;
import java.util.Map;

/**
 * The calls for a question. They do not depend on each other.
 *
 * @param calls in the order in which the answer gives them
 * @param gaps the parts that were not understood, a sentence each
 * @param conclusion the conclusion from all results
 */
public record Plan(List<PlannedCall> calls, List<String> gaps, Conclusion conclusion) {

    /** Combines the calls' results. */
    @FunctionalInterface
    public interface Conclusion {

        /** No conclusion beyond the parts. */
        Conclusion NONE = results -> List.of();

        /**
         * Combines the results.
         *
         * @param results the structured content of every call that succeeded
         * @return the conclusions, a sentence each
         */
        List<String> conclude(Map<PlannedCall, Map<String, Object>> results);
    }

    /** Copies the lists. */
    public Plan {
        calls = List.copyOf(calls);
        gaps = List.copyOf(gaps);
    }
}
