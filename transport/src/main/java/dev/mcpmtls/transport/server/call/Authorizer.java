// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.Trace;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.authz.Decision.Deny;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** May this peer make this call? Every answer is in the audit log before the call is made. */
public final class Authorizer {

    private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);

    private final AccessPolicy policy;
    private final InstantSource clock;
    private final ExecutorService workers;
    private final @Nullable AccessTokens tokens;

    /**
     * An authorizer by this policy.
     *
     * @param workers where decisions are made that would hold up an event loop
     * @param tokens says which token a denied call would need; null where tokens are ignored
     */
    public Authorizer(
            AccessPolicy policy, InstantSource clock, ExecutorService workers, @Nullable AccessTokens tokens) {
        this.policy = policy;
        this.clock = clock;
        this.workers = workers;
        this.tokens = tokens;
    }

    /** Takes the permitted ones of some calls. */
    public interface Selected {

        /**
         * All decisions are recorded.
         *
         * @param refused why none of the calls may be made; null when the permitted ones may
         */
        void take(List<Call> permitted, @Nullable RefusedException refused);
    }

    /**
     * Decides on a call and has that recorded.
     *
     * @param then runs on the event loop, on which this must be called, with null when the call may be made, else with why not
     */
    void authorize(IncomingRequest incoming, Call call, Consumer<@Nullable RefusedException> then) {
        if (!mayTakeLong(incoming.caller(), call)) {
            record(incoming, call, decide(incoming.caller(), call), then);
            return;
        }
        onWorker(
                () -> {
                    Decision decision = decide(incoming.caller(), call);
                    incoming.reply().onLoop(() -> record(incoming, call, decision, then));
                },
                then);
    }

    /**
     * Decides on several calls and has each decision recorded.
     *
     * @param then runs on the event loop, on which this must be called
     */
    public void select(IncomingRequest incoming, List<Call> calls, Selected then) {
        if (calls.isEmpty()) {
            then.take(List.of(), null);
            return;
        }
        onWorker(
                () -> {
                    List<Decision> decisions = calls.stream()
                            .map(call -> decide(incoming.caller(), call))
                            .toList();
                    incoming.reply().onLoop(() -> recordEach(incoming, calls, decisions, then));
                },
                full -> then.take(List.of(), full));
    }

    private void recordEach(IncomingRequest incoming, List<Call> calls, List<Decision> decisions, Selected then) {
        List<Call> permitted = new ArrayList<>();
        int[] left = {calls.size()};
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            Decision decision = decisions.get(i);
            incoming.batches().record(incoming.owner(), event(incoming, call, decision), unrecorded -> {
                if (unrecorded != null && left[0] > 0) {
                    left[0] = 0;
                    then.take(List.of(), unrecorded);
                    return;
                }
                if (decision instanceof Decision.Permit) {
                    permitted.add(call);
                }
                if (--left[0] == 0) {
                    then.take(permitted, null);
                }
            });
        }
    }

    private void onWorker(Runnable decision, Consumer<@Nullable RefusedException> full) {
        try {
            workers.execute(decision);
        } catch (RejectedExecutionException e) {
            full.accept(RefusedException.of(e));
        }
    }

    /** Has a decision recorded that was made elsewhere; otherwise as {@link #authorize}. */
    void record(IncomingRequest incoming, Call call, Decision decision, Consumer<@Nullable RefusedException> then) {
        incoming.batches().record(incoming.owner(), event(incoming, call, decision), unrecorded -> {
            if (unrecorded == null && decision instanceof Deny deny) {
                then.accept(refusal(incoming, deny));
            } else {
                then.accept(unrecorded);
            }
        });
    }

    private AuditEvent event(IncomingRequest incoming, Call call, Decision decision) {
        Caller caller = incoming.caller();
        return new AuditEvent.CallDecided(
                clock.instant(),
                caller.connection(),
                caller.peer(),
                call.forRecord().bearing(caller.token()),
                decision,
                Trace.of(
                        incoming.observation().traceId(), incoming.observation().spanId()));
    }

    private RefusedException refusal(IncomingRequest incoming, Deny deny) {
        if (tokens != null && !deny.scopes().isEmpty()) {
            incoming.reply()
                    .header(
                            "www-authenticate",
                            tokens.stepUp(deny.why(), incoming.caller().token(), deny.scopes()));
        }
        deny.retryAfter().ifPresent(wait -> incoming.reply().header("retry-after", Long.toString(wholeSeconds(wait))));
        int code = deny.isRateLimited() ? RefusedException.TOO_MANY : RefusedException.DENIED;
        Map<String, String> data = deny.rule().map(rule -> Map.of("rule", rule)).orElse(null);
        String told = deny.retryAfter()
                .map(wait -> deny.why() + "; try again in " + wholeSeconds(wait) + " s")
                .orElse(deny.why());
        return new RefusedException(code, code, told, data);
    }

    /** Rounded up, and at least one: a client that comes back in time is not refused again. */
    private static long wholeSeconds(Duration wait) {
        return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
    }

    /** Whether nothing is ever withheld from anyone. */
    public boolean isOpen() {
        return policy.isOpen();
    }

    /** Whether the caller may know of a tool, a prompt, a resource or a template: whether it might use it. Nothing is recorded. */
    public boolean mayKnowOf(Caller caller, Call call) {
        return mayKnowOf(policy, caller, call);
    }

    /** As the other, by the rules that were in force before. */
    static boolean mayKnowOf(AccessPolicy policy, Caller caller, Call call) {
        try {
            return policy.mayKnowOf(caller.peer(), call.bearing(caller.token()));
        } catch (RuntimeException e) {
            LOG.error("the access policy failed on {}; it is not listed", written(call), e);
            return false;
        }
    }

    private boolean mayTakeLong(Caller caller, Call call) {
        try {
            return policy.mayTakeLong(caller.peer(), call.bearing(caller.token()));
        } catch (RuntimeException e) {
            return true;
        }
    }

    private Decision decide(Caller caller, Call call) {
        try {
            return policy.decide(caller.peer(), call.bearing(caller.token()));
        } catch (RuntimeException e) {
            LOG.error("the access policy failed on {}; the call is denied", written(call), e);
            return new Deny("the access policy could not be consulted");
        }
    }

    private static String written(Call call) {
        return Printable.clean(call.forRecord().toString());
    }
}
