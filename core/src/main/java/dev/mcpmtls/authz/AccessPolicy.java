// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import dev.mcpmtls.trust.Peer;

/** Decides calls of peers that trust has accepted. Implementations are thread-safe and do not block. */
@FunctionalInterface
public interface AccessPolicy {

    /** Permits or denies one call. */
    Decision decide(Peer caller, Call call);

    /** The policy in force until rules are configured: every accepted peer may make every call. */
    static AccessPolicy everyAcceptedPeer() {
        return (caller, call) -> new Decision.Permit();
    }
}
