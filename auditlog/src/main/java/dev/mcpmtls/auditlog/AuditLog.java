// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.auditlog.AuditSettings.OnFailure;
import dev.mcpmtls.auditlog.AuditSettings.Sync;
import dev.mcpmtls.auditlog.Wording.Worded;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.ForeignFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log of one process. One thread writes, in batches; callers never wait for the disk. Thread-safe.
 *
 * <p>Several processes may append to one file: each batch is written under a file lock, after the others' records. A returned
 * stage completes on the writing thread, so its continuations must not block.
 */
public final class AuditLog implements AuditSink, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final int QUEUE = 8192;
    private static final int BATCH = 1024;
    private static final long POLL_MILLIS = 100;
    private static final int QUIET_POLLS = 10;
    private static final Duration DRAIN = Duration.ofSeconds(15);
    private static final Duration COMPLAIN_EVERY = Duration.ofMinutes(1);

    private final AuditSettings settings;
    private final String service;
    private final Optional<AuditFile> kept;
    private final Wording wording = new Wording();
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicInteger queued = new AtomicInteger();
    private final Thread writer;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile long lost;
    private volatile Optional<String> failure = Optional.empty();
    private long complainedAt = System.nanoTime() - COMPLAIN_EVERY.toNanos();
    private boolean dirty;
    private long syncedAt = System.nanoTime();

    /** Records that arrived together. */
    private record Entry(List<AuditEvent> events, String service, CompletableFuture<Void> written) {}

    /**
     * The state of the log.
     *
     * @param queued records that wait to be written
     * @param lost records that could not be written since the start
     * @param failure the reason why writing fails at present; empty when it works
     */
    public record Status(int queued, long lost, Optional<String> failure) {}

    private AuditLog(AuditSettings settings, String service, Optional<AuditFile> kept) {
        this.settings = settings;
        this.service = service;
        this.kept = kept;
        this.writer = new Thread(this::writeUntilClosed, "audit-log");
        writer.setDaemon(true);
    }

    /**
     * Opens the log, owner-only, and closes a line that a crash left open.
     *
     * @param service the {@code service.name} of records made through this object, for example {@code mcp-mtls}
     * @throws AuditUnavailableException when the file cannot be used; the message names the file and the remedy
     */
    public static AuditLog open(AuditSettings settings, String service) {
        try {
            AuditLog opened = new AuditLog(settings, service, Optional.of(AuditFile.open(settings)));
            opened.writer.start();
            return opened;
        } catch (IOException e) {
            throw unavailable(settings, e);
        }
    }

    /** No log: nothing is recorded, and nothing waits for a record. */
    public static AuditLog off() {
        return new AuditLog(AuditSettings.of(Path.of("off")), "", Optional.empty());
    }

    /** Whether nothing is recorded, because the settings say so. */
    public boolean isOff() {
        return kept.isEmpty();
    }

    /** The file being appended to; empty when nothing is recorded. */
    public Optional<Path> path() {
        return kept.map(open -> settings.file());
    }

    @Override
    public CompletionStage<Void> record(AuditEvent event) {
        return record(List.of(event), service);
    }

    @Override
    public CompletionStage<Void> recordAll(List<AuditEvent> events) {
        return record(events, service);
    }

    /** A sink into this log whose records name another service; for processes that hold several servers. */
    public AuditSink as(String otherService) {
        return new AuditSink() {

            @Override
            public CompletionStage<Void> record(AuditEvent event) {
                return AuditLog.this.record(List.of(event), otherService);
            }

            @Override
            public CompletionStage<Void> recordAll(List<AuditEvent> events) {
                return AuditLog.this.record(events, otherService);
            }
        };
    }

    /** The present state of the log. */
    public Status status() {
        return new Status(queued.get(), lost, failure);
    }

    /** Writes the queued records, syncs, and closes. Later records are refused. */
    @Override
    public void close() {
        closing = true;
        try {
            writer.join(DRAIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletionStage<Void> record(List<AuditEvent> events, String serviceName) {
        if (isOff()) {
            return CompletableFuture.completedFuture(null);
        }
        Entry entry = new Entry(List.copyOf(events), serviceName, new CompletableFuture<>());
        if (closing) {
            return CompletableFuture.failedFuture(unavailable(settings, closed()));
        }
        if (queued.addAndGet(events.size()) > QUEUE || !queue.offer(entry)) {
            lose(List.of(entry), new IOException(QUEUE + " records wait already; the disk does not keep up"));
        } else if (ended && queue.remove(entry)) {
            lose(List.of(entry), closed());
        }
        return entry.written;
    }

    private AuditFile file() {
        return kept.orElseThrow();
    }

    private void writeUntilClosed() {
        try {
            writeWhileOpen();
        } finally {
            // Records that came too late for the last batch must still be answered.
            ended = true;
            List<Entry> late = new ArrayList<>();
            queue.drainTo(late);
            if (!late.isEmpty()) {
                lose(late, closed());
            }
        }
        sync();
        file().close();
    }

    private void writeWhileOpen() {
        List<Entry> batch = new ArrayList<>();
        int emptyPolls = 0;
        while (!closing || !queue.isEmpty()) {
            try {
                Entry first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH - 1);
                    write(batch);
                    batch.clear();
                    emptyPolls = 0;
                } else if (++emptyPolls == QUIET_POLLS) {
                    file().quiet();
                }
                syncWhenDue();
            } catch (InterruptedException e) {
                closing = true;
            }
        }
    }

    private void write(List<Entry> batch) {
        try {
            boolean now = settings.sync() instanceof Sync.Always;
            file().append(inWords(batch), now, lost);
            dirty = !now;
            failure = Optional.empty();
            for (Entry entry : batch) {
                queued.addAndGet(-entry.events.size());
                entry.written.complete(null);
            }
        } catch (IOException | Error e) {
            lose(batch, e);
        } catch (RuntimeException e) {
            writeEach(batch, e);
        }
    }

    private List<Worded> inWords(List<Entry> batch) {
        List<Worded> records = new ArrayList<>(batch.size());
        for (Entry entry : batch) {
            for (AuditEvent event : entry.events) {
                records.add(wording.of(event, entry.service));
            }
        }
        return records;
    }

    /** Encodes each record separately, so that one that cannot be encoded does not affect the others. */
    private void writeEach(List<Entry> batch, RuntimeException cause) {
        if (batch.size() > 1) {
            batch.forEach(entry -> write(List.of(entry)));
            return;
        }
        Entry entry = batch.get(0);
        if (entry.events.size() == 1) {
            lose(batch, cause);
            return;
        }
        List<Entry> each = entry.events.stream()
                .map(event -> new Entry(List.of(event), entry.service, new CompletableFuture<>()))
                .toList();
        each.forEach(one -> write(List.of(one)));
        var unused = CompletableFuture.allOf(each.stream().map(Entry::written).toArray(CompletableFuture[]::new))
                .whenComplete((written, failed) -> {
                    if (failed == null) {
                        entry.written.complete(null);
                    } else {
                        entry.written.completeExceptionally(failed.getCause());
                    }
                });
    }

    private void syncWhenDue() {
        if (dirty
                && settings.sync() instanceof Sync.Every every
                && System.nanoTime() - syncedAt >= every.interval().toNanos()) {
            sync();
        }
    }

    private void sync() {
        try {
            file().sync();
            dirty = false;
            syncedAt = System.nanoTime();
        } catch (IOException e) {
            complain(e);
        }
    }

    private void lose(List<Entry> entries, Throwable cause) {
        synchronized (this) {
            lost += entries.stream().mapToInt(entry -> entry.events.size()).sum();
            complain(cause);
        }
        for (Entry entry : entries) {
            queued.addAndGet(-entry.events.size());
            if (settings.onFailure() == OnFailure.DENY) {
                entry.written.completeExceptionally(unavailable(settings, cause));
            } else {
                entry.written.complete(null);
            }
        }
    }

    private synchronized void complain(Throwable cause) {
        failure = Optional.of(Failures.reason(cause));
        if (System.nanoTime() - complainedAt >= COMPLAIN_EVERY.toNanos()) {
            complainedAt = System.nanoTime();
            log.error(
                    "cannot write the audit log {}: {} (records lost so far: {}, on-failure: {})",
                    settings.file(),
                    Failures.reason(cause),
                    lost,
                    settings.onFailure());
        }
    }

    private static IOException closed() {
        return new IOException("it is closed");
    }

    private static String remedy(Throwable cause) {
        if (cause instanceof NoLogException) {
            return "; move the file away, or choose another audit.file";
        }
        return cause instanceof ForeignFileException
                ? "; name another audit.file, or 'audit.file: off' to record nothing"
                : "; free space or fix its permissions, or choose another audit.file";
    }

    private static AuditUnavailableException unavailable(AuditSettings settings, Throwable cause) {
        return new AuditUnavailableException(
                "the audit log " + settings.file() + " cannot be written: " + Failures.reason(cause) + remedy(cause),
                cause);
    }
}
