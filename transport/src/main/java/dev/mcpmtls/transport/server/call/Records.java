// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the audit log record events, within a time. Thread-safe. */
public final class Records {

    static final String NO_LOG = "the server cannot write its audit log, so it refuses all requests";

    private static final Logger LOG = LoggerFactory.getLogger(Records.class);

    /** The disk may be full already. */
    private static final long COMPLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AuditSink audit;
    private final long patienceNanos;
    private final Queue<Awaited> awaited = new ConcurrentLinkedQueue<>();
    private final LongSupplier nanoTime;
    private final AtomicLong complainedAt;

    /** A stage that must complete before the instant of {@link #nanoTime}. */
    private record Awaited(CompletableFuture<Void> stage, long until) {}

    /**
     * Records in {@code audit}.
     *
     * @param patience how long a record may take before it counts as not written; kept by {@link #sweep}
     * @param nanoTime the time, as of {@link System#nanoTime()}
     */
    public Records(AuditSink audit, Duration patience, LongSupplier nanoTime) {
        this.audit = audit;
        this.patienceNanos = patience.toNanos();
        this.nanoTime = nanoTime;
        this.complainedAt = new AtomicLong(nanoTime.getAsLong() - COMPLAIN_EVERY_NANOS - 1);
    }

    /** Records an event; fails with a {@link RefusedException} when that cannot be done. */
    public CompletionStage<Void> record(AuditEvent event) {
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

    /** Completes when {@code record} does; fails with a {@link RefusedException} when it fails or takes too long. */
    public CompletionStage<Void> recorded(CompletionStage<Void> record) {
        CompletableFuture<Void> stage = record.<Void>handle((written, failure) -> {
                    if (failure != null) {
                        throw refusal(failure);
                    }
                    return null;
                })
                .toCompletableFuture();
        if (!stage.isDone()) {
            awaited.add(new Awaited(stage, nanoTime.getAsLong() + patienceNanos));
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
    public void sweep() {
        long now = nanoTime.getAsLong();
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
        long now = nanoTime.getAsLong();
        if (now - last > COMPLAIN_EVERY_NANOS && complainedAt.compareAndSet(last, now)) {
            LOG.error("the audit log does not take a record; requests are refused: {}", cause.toString());
        }
        return RefusedException.unavailable(NO_LOG);
    }
}
