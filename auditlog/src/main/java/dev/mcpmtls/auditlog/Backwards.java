// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of a plain file from one of its ends of lines to its beginning. At most the longest line of a record is in memory. */
final class Backwards {

    private static final int STEP = 256 * 1024;
    private static final int FEW = 4 * 1024; // bytes, of a few records

    private final FileChannel channel;
    private final long end;
    private long start;
    private byte[] bytes = {};
    private int limit; // where the line before ends, in bytes; negative at the beginning of the file

    /** @param end after a newline, or 0 */
    Backwards(FileChannel channel, long end) {
        this.channel = channel;
        this.end = end;
        this.start = end;
        this.limit = end == 0 ? -1 : 0;
    }

    /** The line before, without its newline; empty at the beginning, and before a line that is too long for a record. */
    Optional<String> previous() throws IOException {
        if (start == end && end > 0) {
            fill();
            limit--; // the newline itself
        }
        int from = limit;
        while (limit >= 0) {
            while (from > 0 && bytes[from - 1] != '\n') {
                from--;
            }
            if (from > 0 || start == 0) {
                String line = new String(bytes, from, limit - from, StandardCharsets.US_ASCII);
                limit = from - 1;
                return Optional.of(line);
            }
            if (limit > RecordLines.LONGEST) {
                break;
            }
            from = fill();
        }
        return Optional.empty();
    }

    /** Reads what is before, and returns how much it was. */
    private int fill() throws IOException {
        int more = (int) Math.min(STEP, start);
        byte[] longer = new byte[more + limit];
        start -= more;
        ByteBuffer into = ByteBuffer.wrap(longer, 0, more);
        for (int read = 0; read >= 0 && into.hasRemaining(); ) {
            read = channel.read(into, start + into.position());
        }
        System.arraycopy(bytes, 0, longer, more, limit);
        bytes = longer;
        limit += more;
        return more;
    }

    /** How many bytes were read. */
    long read() {
        return end - start;
    }

    /** The position after the last newline before {@code limit}; 0 when there is none. */
    static long endOfLines(FileChannel channel, long limit) throws IOException {
        return Tail.newlineBefore(channel, limit);
    }

    /** The last whole record of a file. */
    static Optional<AuditRecord> lastOf(FileChannel channel) throws IOException {
        return new Backwards(channel, endOfLines(channel, channel.size()))
                .previous()
                .flatMap(AuditRecord::parse);
    }

    /** An end of a line of which all records after it, and few before it, have that number or a higher one. */
    static long endBefore(FileChannel channel, long sequence) throws IOException {
        long low = 0;
        long high = endOfLines(channel, channel.size());
        while (high - low > FEW) {
            long line = endOfLines(channel, low + (high - low) / 2);
            Optional<AuditRecord> record = line <= low ? Optional.empty() : recordAt(channel, line);
            if (record.isEmpty()) {
                return high; // a damaged line in the middle: the reader passes over what is too new
            }
            if (record.get().sequence() < sequence) {
                low = line;
            } else {
                high = line;
            }
        }
        return high;
    }

    private static Optional<AuditRecord> recordAt(FileChannel channel, long line) throws IOException {
        return new RecordLines(Channels.newInputStream(channel.position(line)))
                .next()
                .flatMap(AuditRecord::parse);
    }
}
