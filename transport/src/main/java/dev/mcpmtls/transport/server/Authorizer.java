// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Printable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** May this peer make this call? Every answer is in the security log before the call is made. */
final class Authorizer {

    static final String NO_LOG = "the server cannot write its security log, so it serves nobody";

    private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);

    /** The disk may be full already. */
    private static final long COMPLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AccessPolicy policy;
    private final AuditSink audit;
    private final InstantSource clock;
    private final long patienceNanos;
    private final Queue<Awaited> awaited = new ConcurrentLinkedQueue<>();
    private final AtomicLong complainedAt = new AtomicLong(System.nanoTime() - COMPLAIN_EVERY_NANOS - 1);

    /** A stage that must complete before the instant of {@link System#nanoTime()}. */
    private record Awaited(CompletableFuture<Void> stage, long until) {}

    /**
     * Decides by {@code policy} and records in {@code audit}.
     *
     * @param patience how long a record may take before it counts as not written; kept by {@link #sweep}
     */
    Authorizer(AccessPolicy policy, AuditSink audit, InstantSource clock, Duration patience) {
        this.policy = policy;
        this.audit = audit;
        this.clock = clock;
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Decides on a call and has that recorded.
     *
     * @param then runs on the event loop, on which this must be called, with null when the call may be made, else with why not
     */
    void authorize(Connection connection, Call call, Consumer<@Nullable RefusedException> then) {
        Caller caller = connection.caller();
        Decision decision = decide(caller, call);
        AuditEvent event = new AuditEvent.CallDecided(
                clock.instant(), caller.connection(), caller.peer(), call.forRecord(), decision);
        connection.turn().record(connection.owner(), event, unrecorded -> {
            if (unrecorded == null && decision instanceof Decision.Deny deny) {
                then.accept(new RefusedException(403, RefusedException.DENIED, deny.why()));
            } else {
                then.accept(unrecorded);
            }
        });
    }

    /** Whether the caller may know of a tool, a prompt or a resource: whether it might use it. Nothing is recorded. */
    boolean mayKnowOf(Caller caller, Call call) {
        return decide(caller, call) instanceof Decision.Permit;
    }

    /** Records an event; fails with a {@link RefusedException} when that cannot be done. */
    CompletionStage<Void> record(AuditEvent event) {
        return recordAll(List.of(event));
    }

    /** Records events; fails with a {@link RefusedException} when that cannot be done with one of them. */
    CompletionStage<Void> recordAll(List<AuditEvent> events) {
        try {
            return recorded(audit.recordAll(events));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(refusal(e));
        }
    }

    /** As the record under way; fails with a {@link RefusedException} when it fails or takes too long. */
    CompletionStage<Void> recorded(CompletionStage<Void> record) {
        CompletableFuture<Void> stage = record.<Void>handle((written, failure) -> {
                    if (failure != null) {
                        throw refusal(failure);
                    }
                    return null;
                })
                .toCompletableFuture();
        if (!stage.isDone()) {
            awaited.add(new Awaited(stage, System.nanoTime() + patienceNanos));
            dropDone();
        }
        return stage;
    }

    /** Records complete in the order they were begun, or nearly so: what waits is at the front, for a moment. */
    private void dropDone() {
        for (Awaited first = awaited.peek(); first != null && first.stage.isDone(); first = awaited.peek()) {
            awaited.remove(first);
        }
    }

    /**
     * Fails what took too long: a disk that hangs must not hang its callers. To be called every now and then, which costs less
     * than a timer for each record.
     */
    void sweep(long now) {
        awaited.removeIf(one -> {
            if (now - one.until > 0 && !one.stage.isDone()) {
                one.stage.completeExceptionally(refusal(new TimeoutException("it takes too long")));
            }
            return one.stage.isDone();
        });
    }

    private RefusedException refusal(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        long last = complainedAt.get();
        long now = System.nanoTime();
        if (now - last > COMPLAIN_EVERY_NANOS && complainedAt.compareAndSet(last, now)) {
            LOG.error("the security log does not take a record; requests are refused: {}", cause.toString());
        }
        return RefusedException.unavailable(NO_LOG);
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
