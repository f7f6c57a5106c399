// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import dev.mcpmtls.trust.Peer;
import java.util.function.Consumer;

/**
 * Decides calls of accepted peers. A call is every JSON-RPC request except those that open a session ({@code initialize}) and those
 * that belong to a permitted request. Notifications, and answers to the server's questions, are not calls: they reach a session of the
 * caller's own, and are neither decided nor recorded. A handler of notifications must therefore not do anything for which a call would
 * need permission. Implementations are thread-safe and do not block.
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

    /** Whether every accepted peer may make every call, now and later: then nothing is ever withheld from a list. */
    default boolean isOpen() {
        return false;
    }

    /**
     * Has a listener called whenever the rules have changed, so that clients learn that their lists have. A policy that never changes
     * calls none.
     *
     * @param listener gets the policy as it was before; called on the thread that changes the rules, and must not block
     * @return ends the calls
     */
    default Runnable onChange(Consumer<AccessPolicy> listener) {
        return () -> {};
    }

    /** The policy in force until rules are configured: every accepted peer may make every call. */
    static AccessPolicy everyAcceptedPeer() {
        return new AccessPolicy() {
            @Override
            public Decision decide(Peer caller, Call call) {
                return new Decision.Permit();
            }

            @Override
            public boolean isOpen() {
                return true;
            }
        };
    }
}
