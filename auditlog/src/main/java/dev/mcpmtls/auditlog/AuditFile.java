// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.auditlog.Wording.Worded;
import dev.mcpmtls.files.OwnedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The file being appended to. Used by one thread. Between two batches, other processes may append to it or rotate it away, and
 * an operator may move it. Each batch therefore begins by finding the present end of the chain.
 */
final class AuditFile {

    // The number of rotated files that may wait for a quiet moment to be compressed.
    private static final int MOST_PLAIN = 4;

    private final AuditSettings settings;
    private Path path;
    private final Lines lines = new Lines();
    private FileChannel channel;
    private @Nullable Object key;
    private ChainEnd end = ChainEnd.GENESIS;
    private long size = -1;
    private Instant firstAt = Instant.MAX;
    private long firstSequence;
    private long lostRecorded;
    private int plain;
    private CompletableFuture<Void> compression = CompletableFuture.completedFuture(null);

    private AuditFile(AuditSettings settings) throws IOException {
        this.settings = settings;
        this.path = settings.file();
        this.channel = openChannel();
    }

    static AuditFile open(AuditSettings settings) throws IOException {
        AuditFile file = new AuditFile(settings);
        try {
            FileLock lock = file.lock();
            file.catchUp();
            OwnedFiles.restrict(file.path); // only now, because its contents show that it is ours
            lock.release();
        } catch (IOException e) {
            file.close();
            throw e;
        }
        file.compress();
        return file;
    }

    /**
     * Appends records, all or none.
     *
     * @param durable whether the records are on the disk itself when this returns
     * @param lost the number of records that could not be written since the start; the first batch after a loss records it
     */
    void append(List<Worded> records, boolean durable, long lost) throws IOException {
        FileLock lock = lock();
        try {
            catchUp();
            if (!isRotationDue()) {
                appendHere(records, durable, lost);
                return;
            }
            channel.force(true);
            Files.move(path, Archive.nameFor(path, firstSequence, end.sequence()));
            OwnedFiles.syncDirectory(OwnedFiles.directoryOf(path));
        } finally {
            lock.release();
        }
        append(records, durable, lost);
        // Only now: before the append above opens the new file, its lock would meet the compression's on the rotated
        // one.
        if (++plain >= MOST_PLAIN) {
            compress();
        }
    }

    /** Compresses the files that were rotated while the log was busy; called when no record waits. */
    void quiet() {
        if (plain > 0) {
            compress();
        }
    }

    private void appendHere(List<Worded> records, boolean durable, long lost) throws IOException {
        lines.clear();
        ChainEnd next = end;
        if (lost > lostRecorded) {
            next = lines.add(Wording.resumed(Clock.systemUTC().instant(), lost - lostRecorded, ""), next);
        }
        for (Worded record : records) {
            next = lines.add(record, next);
        }
        write(durable);
        noteFirst(records.get(0));
        end = next;
        lostRecorded = lost;
    }

    void sync() throws IOException {
        channel.force(false);
    }

    private void compress() {
        plain = 0;
        compression = CompletableFuture.allOf(compression, Archive.compressInBackground(path));
    }

    /** Closes after a compression in progress, unless it takes too long; the next process finishes the rest. */
    void close() {
        compression.completeOnTimeout(null, 10, TimeUnit.SECONDS).join();
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Locks the file that {@code path} names now, reopening when another process rotated it away meanwhile. */
    private FileLock lock() throws IOException {
        while (true) {
            FileLock lock = lockChannel();
            if (Objects.equals(key, keyOfPath())) {
                return lock;
            }
            lock.release();
            FileChannel replacement = openChannel();
            channel.close();
            channel = replacement;
        }
    }

    private FileLock lockChannel() throws IOException {
        try {
            return channel.lock();
        } catch (OverlappingFileLockException e) {
            throw new IOException("it is open twice in this process", e);
        }
    }

    private FileChannel openChannel() throws IOException {
        path = OwnedFiles.target(settings.file());
        FileChannel opened = OwnedFiles.open(path);
        key = keyOfPath();
        size = -1;
        firstAt = Instant.MAX;
        return opened;
    }

    private @Nullable Object keyOfPath() throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            return "gone";
        }
    }

    /** Finds the chain's end after another process has written, or at the first use; closes a torn last line. */
    private void catchUp() throws IOException {
        if (channel.size() == size) {
            return;
        }
        Tail tail = Tail.of(channel);
        if (tail.first().isPresent()) {
            AuditRecord first = tail.first().get();
            firstAt = first.at();
            firstSequence = first.sequence();
            goOnFrom(ChainEnd.after(tail.last().orElseThrow()));
        } else {
            Archive archive = Archive.of(path);
            // Its name tells whether a rotated file has more than this process knows of; reading it whole takes a
            // while.
            if (archive.lastSequence() > end.sequence()) {
                goOnFrom(archive.end());
            }
        }
        if (!tail.torn().isEmpty()) {
            lines.clear();
            Worded resumed = Wording.resumed(Clock.systemUTC().instant(), 0, tail.torn());
            ChainEnd next = lines.add(resumed, end);
            channel.truncate(tail.size());
            size = tail.size();
            write(true);
            noteFirst(resumed);
            end = next;
        }
        size = channel.size();
    }

    /** Refuses an earlier record than the one that this process knows, because a truncation would go unnoticed. */
    private void goOnFrom(ChainEnd found) {
        if (found.sequence() > end.sequence()) {
            end = found;
        }
    }

    private boolean isRotationDue() {
        if (firstAt.equals(Instant.MAX)) {
            return false;
        }
        Instant due = firstAt.plus(settings.rotateAfter());
        return size >= settings.rotateSize() || Clock.systemUTC().instant().isAfter(due);
    }

    private void noteFirst(Worded record) {
        if (firstAt.equals(Instant.MAX)) {
            firstAt = record.at();
            firstSequence = end.sequence() + 1;
        }
    }

    /** Appends the lines to the contents that {@link #catchUp} has seen. */
    private void write(boolean durable) throws IOException {
        long start = size;
        try {
            ByteBuffer bytes = lines.view();
            for (long at = start; bytes.hasRemaining(); at = start + bytes.position()) {
                channel.write(bytes, at);
            }
            if (durable) {
                channel.force(false);
            }
            size = start + bytes.position();
        } catch (IOException e) {
            channel.truncate(start);
            throw e;
        }
    }
}
