// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import java.util.Set;

/** Decides which tools answer a question. */
@FunctionalInterface
public interface Planner {

    /**
     * Plans the calls for a question.
     *
     * @param question as the user wrote it, possibly empty or hostile
     * @param offered names of the tools that servers offer now. A plan may need another one: it is not called, and the answer
     *     names the servers that could not be asked for it
     */
    Plan plan(String question, Set<String> offered);
}
