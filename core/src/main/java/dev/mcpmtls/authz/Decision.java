// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The outcome of deciding a call. */
public sealed interface Decision {

    /** The name of the rule that decided; empty when none did. */
    Optional<String> rule();

    /** The names of the rules whose condition could not be evaluated: permits among them did not match, denies did. Usually empty. */
    List<String> failed();

    /**
     * The call may be made.
     *
     * @param would in shadow mode, the refusal that enforcing the rules would have given; else empty
     */
    record Permit(Optional<String> rule, Optional<Deny> would, List<String> failed) implements Decision {

        /** Copies the list. */
        public Permit {
            failed = List.copyOf(failed);
        }

        /** A permit by no rule. */
        public Permit() {
            this(Optional.empty(), Optional.empty(), List.of());
        }
    }

    /**
     * The call is refused.
     *
     * @param why one sentence that names the rule or its absence, safe to show to the caller
     * @param retryAfter when a rule permits the call, but not so often: the time until it does; else empty
     * @param scopes when a rule permits the call to an access token with more scopes: those of the rule; else empty
     */
    record Deny(
            String why, Optional<String> rule, Optional<Duration> retryAfter, List<String> failed, Set<String> scopes)
            implements Decision {

        /** Copies the collections. */
        public Deny {
            failed = List.copyOf(failed);
            scopes = Set.copyOf(scopes);
        }

        /** A refusal that no scope would change. */
        public Deny(String why, Optional<String> rule, Optional<Duration> retryAfter, List<String> failed) {
            this(why, rule, retryAfter, failed, Set.of());
        }

        /** A refusal by no rule. */
        public Deny(String why) {
            this(why, Optional.empty(), Optional.empty(), List.of());
        }

        /** Whether the call was one too many, rather than forbidden. */
        public boolean isRateLimited() {
            return retryAfter.isPresent();
        }
    }
}
