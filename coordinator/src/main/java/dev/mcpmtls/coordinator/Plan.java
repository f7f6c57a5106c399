// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls for a question, or the next of them. They do not depend on each other.
 *
 * @param calls in the order in which the answer gives them
 * @param gaps the parts that were not understood, a sentence each
 * @param conclusion the conclusion from all results
 * @param isLast whether the question ends with these calls
 * @param words the answer in the planner's own words; without them, it is the results of the calls
 * @param usage the cost of the language model so far, where one plans
 */
public record Plan(
        List<PlannedCall> calls,
        List<String> gaps,
        Conclusion conclusion,
        boolean isLast,
        Optional<String> words,
        Optional<ModelUsage> usage) {

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

    /** All calls of a question, whose results are its answer. */
    public Plan(List<PlannedCall> calls, List<String> gaps, Conclusion conclusion) {
        this(calls, gaps, conclusion, true, Optional.empty(), Optional.empty());
    }

    /** Copies the lists. */
    public Plan {
        calls = List.copyOf(calls);
        gaps = List.copyOf(gaps);
    }
}
