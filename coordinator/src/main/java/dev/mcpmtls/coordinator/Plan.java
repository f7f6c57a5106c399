// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import java.util.List;
import java.util.Map;

/**
 * What to call for a question. The calls do not depend on each other.
 *
 * @param calls in the order in which the answer gives them
 * @param gaps what was not understood, a sentence each
 * @param conclusion what the results together say
 */
public record Plan(List<PlannedCall> calls, List<String> gaps, Conclusion conclusion) {

    /** Draws the calls' results together. */
    @FunctionalInterface
    public interface Conclusion {

        /** The answer has no more to say than its parts. */
        Conclusion NONE = results -> List.of();

        /**
         * Concludes.
         *
         * @param results the structured content of every call that succeeded
         * @return a sentence for each thing that the results together say
         */
        List<String> conclude(Map<PlannedCall, Map<String, Object>> results);
    }

    /** Copies the lists. */
    public Plan {
        calls = List.copyOf(calls);
        gaps = List.copyOf(gaps);
    }
}
