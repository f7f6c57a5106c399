// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.coordinator.Answer.Step;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Decides which tools answer a question. */
public interface Planner {

    /**
     * Begins with a question.
     *
     * @param question as the user wrote it, possibly empty or hostile
     * @param offered the tools that servers offer now. A plan may need another one: it is not called, and the answer names the servers
     *     that could not be asked for it
     */
    Planning begin(String question, List<Tool> offered);

    /** The language model that decides, for the audit log; empty where rules do. */
    default Optional<String> model() {
        return Optional.empty();
    }

    /** The work on one question. Used by one thread. */
    @FunctionalInterface
    interface Planning {

        /**
         * The next calls. May wait, but not longer than {@code left}.
         *
         * @param results the results of the calls of the plan before, in their order; none at first
         * @return the last plan of the question if {@link Plan#isLast} says so
         */
        Plan next(List<Step> results, Duration left);
    }
}
