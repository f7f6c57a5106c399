// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The end of a log as it grows, for readers that would rather miss records than fall behind. A gap between the numbers of two records says how
 * many were skipped. Rotation loses none. Used by one thread at a time.
 */
public final class AuditTail implements Closeable {

    private static final int BEGINNING = 160;
    private static final String FAILURE = "\"event.outcome\":\"failure\"";

    private final Path file;
    private int successesLeft;
    private @Nullable FileChannel open;
    private @Nullable Object key;
    private long position;
    private long last;

    private AuditTail(Path file) {
        this.file = file;
    }

    /**
     * Starts at the present end.
     *
     * @throws UncheckedIOException when the log cannot be read; a log that does not exist yet is empty
     */
    public static AuditTail of(Path file) {
        AuditTail tail = new AuditTail(file);
        try {
            if (tail.openCurrent()) {
                FileChannel channel = tail.channel();
                tail.position = Backwards.endOfLines(channel, channel.size());
                tail.last = Backwards.lastOf(channel).map(AuditRecord::sequence).orElse(0L);
            }
            return tail;
        } catch (IOException e) {
            tail.close();
            throw new UncheckedIOException(e);
        }
    }

    /** The number of the last record that was passed over or read; 0 when there is none. */
    public long last() {
        return last;
    }

    /**
     * The records since the last reading, oldest first.
     *
     * @param mostBytes of the log that are read; of more, the newest are
     * @param mostSuccesses records of successes beyond these are skipped, because a busy server writes more of them than a reader
     *     can follow; refusals and failures are not
     * @throws UncheckedIOException when the log cannot be read
     */
    public List<AuditRecord> read(int mostBytes, int mostSuccesses) {
        successesLeft = mostSuccesses;
        List<AuditRecord> found = new ArrayList<>();
        try {
            if (open == null && !openCurrent()) {
                return found;
            }
            readOpen(mostBytes, found);
            if (!keyOf(file).equals(Optional.ofNullable(key))) {
                readOpen(mostBytes, found); // its last records, written before it was rotated away
                if (openCurrent()) {
                    readOpen(mostBytes, found);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private boolean openCurrent() throws IOException {
        try {
            Optional<Object> now = keyOf(file);
            FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
            close();
            open = opened;
            key = now.orElse(null);
            position = 0;
            return true;
        } catch (NoSuchFileException notYet) {
            return false;
        }
    }

    private FileChannel channel() throws IOException {
        if (open == null) {
            throw new IOException(file + " is not open");
        }
        return open;
    }

    private void readOpen(int mostBytes, List<AuditRecord> found) throws IOException {
        FileChannel channel = channel();
        long size = channel.size();
        if (size - position > mostBytes) {
            position = Backwards.endOfLines(channel, size - mostBytes);
        }
        if (size <= position) {
            return;
        }
        byte[] bytes = bytes(channel, Math.toIntExact(size - position));
        int start = 0;
        for (int end = 0; end < bytes.length; end++) {
            if (bytes[end] == '\n') {
                if (isWanted(bytes, start, end)) {
                    take(new String(bytes, start, end - start, StandardCharsets.UTF_8), found);
                }
                start = end + 1;
            }
        }
        position += start; // a line without an end is still being written
    }

    private byte[] bytes(FileChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        int read;
        do {
            read = channel.read(bytes, position + bytes.position());
        } while (bytes.hasRemaining() && read >= 0);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private void take(String line, List<AuditRecord> found) {
        AuditRecord.parse(line).filter(record -> record.sequence() > last).ifPresent(record -> {
            last = record.sequence();
            found.add(record);
        });
    }

    /** By the first bytes, which is much faster than parsing: the outcome is the third field of every record. */
    private boolean isWanted(byte[] bytes, int start, int end) {
        String beginning = new String(bytes, start, Math.min(end - start, BEGINNING), StandardCharsets.ISO_8859_1);
        return beginning.contains(FAILURE) || successesLeft-- > 0;
    }

    private static Optional<Object> keyOf(Path path) throws IOException {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(path, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException rotated) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        try {
            if (open != null) {
                open.close();
            }
            open = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
