// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** May this peer make this call? Every answer is in the security log before the call is made. */
final class Authorizer {

    static final String NO_LOG = "the server cannot write its security log, so it serves nobody";

    private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);

    private final AccessPolicy policy;
    private final AuditSink audit;
    private final InstantSource clock;
    private final Duration patience;

    /**
     * Decides by {@code policy} and records in {@code audit}.
     *
     * @param patience how long a record may take before it counts as not written
     */
    Authorizer(AccessPolicy policy, AuditSink audit, InstantSource clock, Duration patience) {
        this.policy = policy;
        this.audit = audit;
        this.clock = clock;
        this.patience = patience;
    }

    /** Completes when the call may be made; fails with a {@link RefusedException} when it may not, or cannot be recorded. */
    CompletionStage<Void> authorize(Caller caller, Call call) {
        Decision decision = decide(caller, call);
        return record(new AuditEvent.CallDecided(clock.instant(), caller.connection(), caller.peer(), call, decision))
                .thenRun(() -> {
                    if (decision instanceof Decision.Deny deny) {
                        throw new RefusedException(403, RefusedException.DENIED, deny.why());
                    }
                });
    }

    /** Whether the caller may know of a tool, a prompt or a resource: whether it might use it. Nothing is recorded. */
    boolean mayKnowOf(Caller caller, Call call) {
        return decide(caller, call) instanceof Decision.Permit;
    }

    /** Records an event; fails with a {@link RefusedException} when that cannot be done. */
    CompletionStage<Void> record(AuditEvent event) {
        return attempt(event).exceptionally(failure -> {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            LOG.error(
                    "the security log does not take {}; the request is refused: {}", event.action(), cause.toString());
            throw RefusedException.unavailable(NO_LOG);
        });
    }

    private CompletionStage<Void> attempt(AuditEvent event) {
        try {
            return inTime(audit.record(event));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The same stage, except that it fails when it takes too long: a disk that hangs must not hang its callers. */
    CompletionStage<Void> inTime(CompletionStage<Void> record) {
        CompletableFuture<Void> written = record.toCompletableFuture();
        return written.isDone() ? written : written.copy().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Decision decide(Caller caller, Call call) {
        try {
            return policy.decide(caller.peer(), call);
        } catch (RuntimeException e) {
            LOG.error("the access policy failed on {}; the call is denied", call, e);
            return new Decision.Deny("the access policy could not be consulted");
        }
    }
}
