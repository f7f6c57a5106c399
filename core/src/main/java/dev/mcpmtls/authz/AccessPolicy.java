// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import dev.mcpmtls.trust.Peer;

/**
 * Decides calls of peers that trust has accepted: every JSON-RPC request but those that open a session ({@code initialize}) and
 * what belongs to one that was permitted. A caller's notifications and its answers to the server's questions are not calls: they
 * reach a session of that caller's own, and are neither decided nor recorded, so a handler of notifications must not act on
 * anything that a call would need permission for. Implementations are thread-safe and do not block.
 */
@FunctionalInterface
public interface AccessPolicy {

    /** Permits or denies one call. */
    Decision decide(Peer caller, Call call);

    /** The policy in force until rules are configured: every accepted peer may make every call. */
    static AccessPolicy everyAcceptedPeer() {
        return (caller, call) -> new Decision.Permit();
    }
}
