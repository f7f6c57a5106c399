// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** May this peer make this call? Every answer is in the audit log before the call is made. */
public final class Authorizer {

    private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);

    private final AccessPolicy policy;
    private final InstantSource clock;

    public Authorizer(AccessPolicy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Decides on a call and has that recorded.
     *
     * @param then runs on the event loop, on which this must be called, with null when the call may be made, else with why not
     */
    void authorize(IncomingRequest incoming, Call call, Consumer<@Nullable RefusedException> then) {
        Caller caller = incoming.caller();
        Decision decision = decide(caller, call);
        AuditEvent event = new AuditEvent.CallDecided(
                clock.instant(), caller.connection(), caller.peer(), call.forRecord(), decision);
        incoming.batches().record(incoming.owner(), event, unrecorded -> {
            if (unrecorded == null && decision instanceof Decision.Deny deny) {
                then.accept(new RefusedException(403, RefusedException.DENIED, deny.why()));
            } else {
                then.accept(unrecorded);
            }
        });
    }

    /** Whether the caller may know of a tool, a prompt or a resource: whether it might use it. Nothing is recorded. */
    public boolean mayKnowOf(Caller caller, Call call) {
        return decide(caller, call) instanceof Decision.Permit;
    }

    private Decision decide(Caller caller, Call call) {
        try {
            return policy.decide(caller.peer(), call);
        } catch (RuntimeException e) {
            LOG.error(
                    "the access policy failed on {}; the call is denied",
                    Printable.clean(call.forRecord().toString()),
                    e);
            return new Decision.Deny("the access policy could not be consulted");
        }
    }
}
