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

    /** Permits or denies one call. A call that is permitted may count against a rate. */
    Decision decide(Peer caller, Call call);

    /**
     * Whether the caller may know of a tool, prompt, resource or template: whether some call of it would be permitted. The call is the one
     * that would use it, its arguments not yet known. Nothing counts against a rate.
     */
    default boolean mayKnowOf(Peer caller, Call call) {
        return decide(caller, call) instanceof Decision.Permit;
    }

    /** Whether deciding the call may take milliseconds, so that it does not belong on an event loop. */
    default boolean mayTakeLong(Peer caller, Call call) {
        return false;
    }

    /** The policy in force until rules are configured: every accepted peer may make every call. */
    static AccessPolicy everyAcceptedPeer() {
        return (caller, call) -> new Decision.Permit();
    }
}
