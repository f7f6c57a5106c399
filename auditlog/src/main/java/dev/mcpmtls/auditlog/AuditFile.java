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
 * The file being appended to. Used by one thread; other processes may append between two batches, rotate the file away, or an
 * operator may move it: each batch starts by looking where the chain ends now.
 */
final class AuditFile {

    // So many rotated files may wait for a quiet moment to be compressed.
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
            OwnedFiles.restrict(file.path); // only now that its contents show it to be ours
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
     * @param durable whether they are on the disk itself when this returns
     * @param lost how many records could not be written since the start; the first batch after a loss records it
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
        // Only now: until the append above opens the new file, its lock would meet the compression's on the rotated
        // one.
        if (++plain >= MOST_PLAIN) {
            compress();
        }
    }

    /** Nobody is waiting: time to compress what was rotated while it was busy. */
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

    /** Closes, after a compression under way, if it does not take too long; the next process finishes what is left. */
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

    /** Finds the chain's end when somebody else has written, or nobody has looked yet; closes a torn last line. */
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

    /** Never back to an earlier record than the one this process knows of: what was cut off would not be missed. */
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

    /** Appends the lines; what is there is what {@link #catchUp} has seen. */
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
