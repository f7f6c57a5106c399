// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.authz.Decision;

/** The outcomes of deciding a call. */
public enum CallOutcome {
    /** It was permitted. */
    PERMITTED,
    /** It was permitted in shadow mode; enforced rules would have denied it. */
    WOULD_BE_DENIED,
    /** It was denied. */
    DENIED,
    /** It was one too many. */
    RATE_LIMITED;

    static CallOutcome of(Decision decision) {
        if (decision instanceof Decision.Deny deny) {
            return deny.isRateLimited() ? RATE_LIMITED : DENIED;
        }
        return ((Decision.Permit) decision).would().isPresent() ? WOULD_BE_DENIED : PERMITTED;
    }
}
