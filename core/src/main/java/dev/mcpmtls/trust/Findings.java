// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Orders findings by their seriousness. */
final class Findings {

    private Findings() {}

    /** Each finding once, most serious first, otherwise in the order given: the leaf's before its issuers'. */
    static List<Rejection> ranked(Collection<Rejection> findings) {
        return findings.stream()
                .distinct()
                .sorted(Comparator.comparing(Rejection::reason))
                .toList();
    }

    /** The most serious reason; without findings, the least serious of all reasons. */
    static Reason worst(List<Rejection> ranked) {
        return ranked.isEmpty() ? Reason.REVOCATION_UNKNOWN : ranked.get(0).reason();
    }
}
