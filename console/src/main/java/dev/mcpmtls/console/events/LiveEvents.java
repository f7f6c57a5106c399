// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.events;

import dev.mcpmtls.auditlog.AuditHistory;
import dev.mcpmtls.auditlog.AuditRecord;
import dev.mcpmtls.auditlog.AuditTail;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log as it grows, for a bounded number of viewers. One daemon thread follows the file while there are viewers, and never waits for
 * one. Thread-safe.
 */
public final class LiveEvents implements AutoCloseable {

    /** The most viewers at a time. */
    public static final int MOST_VIEWERS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(LiveEvents.class);
    private static final long POLL_NANOS = 200_000_000;
    private static final int MOST_BYTES = 4 * 1024 * 1024;
    private static final int MOST_SUCCESSES = 200; // a poll: 1,000 a second
    private static final int BACKLOG_BYTES = 1024 * 1024;
    private static final int BACKLOG_RECORDS = 200;

    private final Path file;
    private final Function<Map<String, Object>, String> encoding;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Viewer> viewers = new ArrayList<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** Receives events, on the following thread; must not block, and must bound what it keeps. */
    public interface Viewer {

        /** The events that it wants. */
        EventFilter filter();

        /** The last event that it has; empty when it wants new ones only. */
        OptionalLong after();

        /** Its place in the log was found. */
        void begins(long last);

        /** One more event. */
        void event(long id, String json);

        /** So many events, wanted or not, were not read. */
        void missed(long count);

        /** The log cannot be read; nothing more follows. */
        void failed(String why);
    }

    /** @param encoding of an event as JSON on one line */
    public LiveEvents(Path file, Function<Map<String, Object>, String> encoding) {
        this.file = file;
        this.encoding = encoding;
    }

    /** Adds a viewer, unless there are too many. */
    public boolean add(Viewer viewer) {
        lock.lock();
        try {
            if (closed || viewers.size() >= MOST_VIEWERS) {
                return false;
            }
            viewers.add(viewer);
            if (thread == null) {
                thread = new Thread(this::follow, "console-events");
                thread.setDaemon(true);
                thread.start();
            }
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Removes a viewer. */
    public void remove(Viewer viewer) {
        lock.lock();
        try {
            viewers.remove(viewer);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The number of viewers. */
    public int viewers() {
        lock.lock();
        try {
            return viewers.size();
        } finally {
            lock.unlock();
        }
    }

    /** Until the last viewer has left. */
    private void follow() {
        List<Viewer> placed = new ArrayList<>();
        try (AuditTail tail = AuditTail.of(file)) {
            for (Optional<List<Viewer>> now = present(); now.isPresent(); now = present()) {
                long before = tail.last();
                List<AuditRecord> records = tail.read(MOST_BYTES, MOST_SUCCESSES);
                placed.retainAll(now.get());
                pass(before, records, placed);
                for (Viewer viewer : now.get()) {
                    if (!placed.contains(viewer)) {
                        place(viewer, tail.last());
                        placed.add(viewer);
                    }
                }
                pause(now.get());
            }
        } catch (
                RuntimeException
                        e) { // an unreadable log, or a fault of ours: viewers must not wait for a thread that ended
            LOG.warn("cannot follow the audit log {}", file, e);
            failed(String.valueOf(e.getMessage()));
        }
    }

    /** The viewers; empty when there are none, so that the thread ends. */
    private Optional<List<Viewer>> present() {
        lock.lock();
        try {
            if (closed || viewers.isEmpty()) {
                thread = null;
                return Optional.empty();
            }
            return Optional.of(List.copyOf(viewers));
        } finally {
            lock.unlock();
        }
    }

    private void pass(long before, List<AuditRecord> records, List<Viewer> placed) {
        long last = before;
        for (AuditRecord record : records) {
            long skipped = record.sequence() - last - 1;
            last = record.sequence();
            String json = "";
            for (Viewer viewer : placed) {
                if (skipped > 0) {
                    viewer.missed(skipped);
                }
                if (viewer.filter().test(record)) {
                    json = json.isEmpty() ? encoding.apply(EventView.of(record)) : json;
                    viewer.event(record.sequence(), json);
                }
            }
        }
    }

    /** Sends the events that a viewer has not seen, as far as they are near. */
    private void place(Viewer viewer, long last) {
        viewer.begins(last);
        long after = Math.min(viewer.after().orElse(last), last);
        if (after < last) {
            List<AuditRecord> records = new ArrayList<>(new AuditHistory(file)
                    .page(new AuditHistory.Query(
                            last + 1,
                            Instant.MIN,
                            record -> record.sequence() > after,
                            (int) Math.min(last - after, BACKLOG_RECORDS),
                            BACKLOG_BYTES))
                    .records());
            Collections.reverse(records);
            if (records.isEmpty()) {
                viewer.missed(last - after);
            }
            pass(after, records, List.of(viewer));
        }
    }

    private void pause(List<Viewer> seen) {
        lock.lock();
        try {
            long left = POLL_NANOS;
            while (left > 0 && !closed && viewers.equals(seen)) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void failed(String why) {
        List<Viewer> lost;
        lock.lock();
        try {
            thread = null;
            lost = List.copyOf(viewers);
            viewers.clear();
        } finally {
            lock.unlock();
        }
        lost.forEach(viewer -> viewer.failed(why));
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            viewers.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
