// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A sink in front of the audit log that measures how long records take, and whether they fail. Thread-safe. */
public final class AuditWatch {

    private static final Duration STALL = Duration.ofSeconds(5);

    private final LongSupplier nanoTime;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong movedAt = new AtomicLong();
    private volatile Consumer<Duration> latency = took -> {};
    private volatile @Nullable Duration lag;
    private volatile @Nullable String failure;

    /** A watch over the log of this process. */
    public AuditWatch() {
        this(System::nanoTime);
    }

    AuditWatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The sink for recording, which passes every event on to {@code log}. */
    public AuditSink over(AuditSink log) {
        return new AuditSink() {

            @Override
            public CompletionStage<Void> record(AuditEvent event) {
                return watched(1, () -> log.record(event));
            }

            @Override
            public CompletionStage<Void> recordAll(List<AuditEvent> events) {
                return watched(events.size(), () -> log.recordAll(events));
            }
        };
    }

    private CompletionStage<Void> watched(int records, Supplier<CompletionStage<Void>> handOver) {
        long start = nanoTime.getAsLong();
        if (pending.getAndAdd(records) == 0) {
            movedAt.set(start);
        }
        return handOver.get().whenComplete((done, failed) -> recorded(records, start, failed));
    }

    private void recorded(int records, long start, @Nullable Throwable failed) {
        long now = nanoTime.getAsLong();
        pending.addAndGet(-records);
        movedAt.set(now);
        failure = failed == null ? null : String.valueOf(failed.getMessage());
        Duration took = Duration.ofNanos(now - start);
        lag = took;
        for (int i = 0; i < records; i++) {
            latency.accept(took);
        }
    }

    /** The number of records that are not yet as durable as the log promises. */
    public int pending() {
        return pending.get();
    }

    /** The time from the latest event to its durable record; empty before the first. */
    public Optional<Duration> lag() {
        return Optional.ofNullable(lag);
    }

    /** The reason why the log does not accept records; empty while it does. */
    public Optional<String> failure() {
        Duration still = pending() == 0 ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - movedAt.get());
        if (still.compareTo(STALL) > 0) {
            return Optional.of(
                    "records that wait: " + pending() + "; none was written for " + still.toSeconds() + " s");
        }
        return Optional.ofNullable(failure);
    }

    void onRecorded(Consumer<Duration> listener) {
        latency = listener;
    }
}
