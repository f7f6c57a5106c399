// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.List;

/** The outcome of verifying a chain. */
public sealed interface Verdict {

    /**
     * The peer is accepted.
     *
     * @param peer its identity and assurance
     */
    record Accepted(Peer peer) implements Verdict {}

    /**
     * The peer is refused.
     *
     * @param rejection the most serious finding, which gives reason and alert
     * @param findings every finding, most serious first; holds at least {@code rejection}
     */
    record Rejected(Rejection rejection, List<Rejection> findings) implements Verdict {

        /** Copies the list. */
        public Rejected {
            findings = List.copyOf(findings);
        }
    }
}
