// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Reads a log, rotated files first, while it may still be written. Lines that are no records are reported and skipped. */
public final class AuditReader {

    private static final long POLL_MILLIS = 200;

    /** A line of a log that is no record. */
    public interface DamagedLine {

        /**
         * Receives where it is.
         *
         * @param number from 1
         */
        void at(Path file, long number);
    }

    private final Path file;
    private final DamagedLine damaged;
    private long lastSequence;
    private long currentLine;
    private @Nullable Object currentKey;
    private long position;

    /** A reader of the log whose current file is {@code file}; it reads each record once. */
    public AuditReader(Path file) {
        this(file, (where, number) -> {});
    }

    /** As {@link #AuditReader(Path)}, with a receiver of the lines that are skipped. */
    public AuditReader(Path file, DamagedLine damaged) {
        this.file = file;
        this.damaged = damaged;
    }

    /**
     * Passes on every unread record, oldest first; none when there is no log yet.
     *
     * @throws UncheckedIOException when a file cannot be read
     */
    public void read(Consumer<AuditRecord> consumer) {
        // The current file is opened before the rotated ones are listed, so that a rotation in between hides no record.
        try (Current current = Current.open(file)) {
            for (Path part : Archive.of(file).rotated()) {
                if (Archive.lastSequence(part) > lastSequence) {
                    readRotated(part, consumer);
                }
            }
            readCurrent(current, consumer);
        } catch (NoSuchFileException rotatedOrCompressedMeanwhile) {
            if (Files.exists(file)) {
                read(consumer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@link #read}, and continues with new records until the thread is interrupted. */
    public void follow(Consumer<AuditRecord> consumer) {
        long seen = -1;
        while (!Thread.currentThread().isInterrupted()) {
            long size = file.toFile().length();
            if (size != seen) {
                read(consumer);
                seen = size;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void readRotated(Path part, Consumer<AuditRecord> consumer) throws IOException {
        try (RecordLines lines = Archive.open(part)) {
            long number = 0;
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                accept(line.get(), part, ++number, consumer);
            }
        } catch (EOFException | ZipException e) {
            throw new NoLogException(part + " is damaged or cut off; restore it, or move it away");
        }
    }

    /** Continues from the end of the last reading up to the last whole line. */
    private void readCurrent(Current current, Consumer<AuditRecord> consumer) throws IOException {
        if (!current.key.equals(currentKey)) {
            currentKey = current.key;
            position = 0;
            currentLine = 0;
        }
        boolean wasCutOff = current.file.size() < position;
        long start = wasCutOff ? 0 : position;
        currentLine = wasCutOff ? 0 : currentLine;
        RecordLines lines = new RecordLines(Channels.newInputStream(current.file.position(start)));
        for (Optional<String> line = lines.next(); line.isPresent() && !lines.isEnded(); line = lines.next()) {
            accept(line.get(), file, ++currentLine, consumer);
            position = start + lines.position();
        }
    }

    private record Current(Object key, FileChannel file) implements Closeable {

        static Current open(Path file) throws IOException {
            Object key = keyOf(file);
            FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
            if (key.equals(keyOf(file))) {
                return new Current(key, opened);
            }
            opened.close();
            return open(file);
        }

        private static Object keyOf(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private void accept(String line, Path part, long number, Consumer<AuditRecord> consumer) {
        Optional<AuditRecord> parsed = AuditRecord.parse(line);
        if (parsed.isEmpty()) {
            damaged.at(part, number);
        } else if (parsed.get().sequence() > lastSequence) {
            lastSequence = parsed.get().sequence();
            consumer.accept(parsed.get());
        }
    }
}
