// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that one event loop must have recorded before their calls continue. The loop reads from all connections that have data, then
 * hands over all their events at once: waking the writing thread, and being woken by it, costs more than a record.
 *
 * <p>The time for continued calls is bounded. After a while the loop serves its connections again, then continues calls for about as long.
 * Each certificate takes one step in turn, so one with many steps waits while others with few are served. On the event loop only.
 */
public final class RecordBatches {

    private static final Logger LOG = LoggerFactory.getLogger(RecordBatches.class);
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    private final ContextInternal loop;
    private final Records records;
    private final LongSupplier nanoTime;
    private final Map<Owner, Queue<Runnable>> late = new LinkedHashMap<>();
    private long leftAt;
    private List<AuditEvent> events = new ArrayList<>();
    private List<Waiting> waiting = new ArrayList<>();

    private record Waiting(Owner owner, Consumer<@Nullable RefusedException> then) {}

    /**
     * The batches of one event loop.
     *
     * @param nanoTime the time, as of {@link System#nanoTime()}
     */
    public RecordBatches(Context loop, Records records, LongSupplier nanoTime) {
        this.loop = (ContextInternal) loop;
        this.records = records;
        this.nanoTime = nanoTime;
    }

    /**
     * Records an event at the end of this turn.
     *
     * @param owner the owner of the request that causes it
     * @param then runs on the event loop with null when the event was recorded, else with the reason why nothing may come of it
     */
    public void record(Owner owner, AuditEvent event, Consumer<@Nullable RefusedException> then) {
        if (events.isEmpty()) {
            loop.runOnContext(end -> handOver());
        }
        events.add(event);
        waiting.add(new Waiting(owner, then));
    }

    private void handOver() {
        List<AuditEvent> handedOver = events;
        List<Waiting> these = waiting;
        events = new ArrayList<>();
        waiting = new ArrayList<>();
        records.recordAll(handedOver)
                .whenComplete((recorded, failure) ->
                        loop.runOnContext(next -> goOn(these, failure == null ? null : RefusedException.of(failure))));
    }

    private void goOn(List<Waiting> these, @Nullable RefusedException refused) {
        boolean wasLate = !late.isEmpty();
        long over = nanoTime.getAsLong() + LEAST_NANOS;
        try {
            for (Waiting one : these) {
                if (wasLate || nanoTime.getAsLong() - over > 0) {
                    late.computeIfAbsent(one.owner.ofCertificate(), owner -> new ArrayDeque<>())
                            .add(() -> goOn(one, refused));
                } else {
                    goOn(one, refused);
                }
            }
        } finally {
            if (!wasLate) {
                catchUpLater();
            }
        }
    }

    private static void goOn(Waiting one, @Nullable RefusedException refused) {
        try {
            one.then.accept(refused);
        } catch (RuntimeException | Error e) { // of one request, which must not take the others with it
            LOG.error("a request failed", e);
        }
    }

    private void catchUp() {
        long now = nanoTime.getAsLong();
        long over = now + Math.min(Math.max(now - leftAt, LEAST_NANOS), MOST_NANOS);
        try {
            do {
                Map.Entry<Owner, Queue<Runnable>> first =
                        late.entrySet().iterator().next();
                Queue<Runnable> steps = first.getValue();
                late.remove(first.getKey());
                Runnable step = steps.remove();
                if (!steps.isEmpty()) {
                    late.put(first.getKey(), steps);
                }
                step.run();
            } while (!late.isEmpty() && nanoTime.getAsLong() - over < 0);
        } finally {
            catchUpLater();
        }
    }

    /** A task that is due comes after what has arrived meanwhile; one that is merely submitted would come before it. */
    private void catchUpLater() {
        if (!late.isEmpty()) {
            leftAt = nanoTime.getAsLong();
            var unused = loop.nettyEventLoop().schedule(() -> loop.emit(due -> catchUp()), 0, TimeUnit.NANOSECONDS);
        }
    }
}
