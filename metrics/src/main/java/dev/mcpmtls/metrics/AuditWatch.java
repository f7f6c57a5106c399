// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import dev.mcpmtls.audit.AuditSink;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Stands in front of the security log and sees how long its records take, and whether they fail. Thread-safe. */
public final class AuditWatch {

    private static final Duration STALL = Duration.ofSeconds(5);

    private final LongSupplier nanoTime;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong movedAt = new AtomicLong();
    private volatile Consumer<Duration> latency = took -> {};
    private volatile @Nullable String failure;

    /** A watch over the log of this process. */
    public AuditWatch() {
        this(System::nanoTime);
    }

    AuditWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The sink to record to, which passes every event on to {@code log}. */
    public AuditSink over(AuditSink log) {
        return event -> {
            long start = nanoTime.getAsLong();
            if (pending.getAndIncrement() == 0) {
                movedAt.set(start);
            }
            return log.record(event).whenComplete((done, failed) -> recorded(start, failed));
        };
    }

    private void recorded(long start, @Nullable Throwable failed) {
        long now = nanoTime.getAsLong();
        pending.decrementAndGet();
        movedAt.set(now);
        failure = failed == null ? null : String.valueOf(failed.getMessage());
        latency.accept(Duration.ofNanos(now - start));
    }

    /** How many records are not yet as durable as the log promises. */
    public int pending() {
        return pending.get();
    }

    /** Why the log does not take records; empty while it does. */
    public Optional<String> failure() {
        Duration still = pending() == 0 ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - movedAt.get());
        if (still.compareTo(STALL) > 0) {
            return Optional.of(pending() + " records wait, and none was written for " + still.toSeconds() + " s");
        }
        return Optional.ofNullable(failure);
    }

    void onRecorded(Consumer<Duration> listener) {
        latency = listener;
    }
}
