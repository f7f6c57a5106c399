// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The two ends of a file of records.
 *
 * @param first empty when no line is complete
 * @param last the last complete line; empty when {@code first} is
 * @param size the bytes of the complete lines
 * @param torn the rest after the last newline: a line that a crash cut off, or NUL bytes
 */
record Tail(Optional<AuditRecord> first, Optional<AuditRecord> last, long size, String torn) {

    private static final int STEP = 64 * 1024;

    /** The beginning of each record; a file with any other incomplete line is not a log, and is not truncated. */
    private static final String BEGINNING = "{\"@timestamp\":\"";

    /** After a power loss some file systems leave the new length with nothing written there. */
    private static final Pattern NULS = Pattern.compile("\\x00+");

    /** Reads both ends; a complete last line that is no record is an error, because nothing can be chained to it. */
    static Tail of(FileChannel channel) throws IOException {
        long end = newlineBefore(channel, channel.size());
        String torn = read(channel, end, channel.size());
        if (!NULS.matcher(torn).matches() && !BEGINNING.startsWith(torn) && !torn.startsWith(BEGINNING)) {
            throw noRecord();
        }
        if (end == 0) {
            return new Tail(Optional.empty(), Optional.empty(), 0, torn);
        }
        long start = newlineBefore(channel, end - 1);
        return new Tail(
                Optional.of(record(read(channel, 0, newlineAfter(channel, 0) - 1))),
                Optional.of(record(read(channel, start, end - 1))),
                end,
                torn);
    }

    private static AuditRecord record(String line) throws IOException {
        return AuditRecord.parse(line).orElseThrow(Tail::noRecord);
    }

    private static IOException noRecord() {
        return new NoLogException("it holds a line that is not an audit record");
    }

    /** The position after the last newline before {@code limit}; 0 when there is none. */
    static long newlineBefore(FileChannel channel, long limit) throws IOException {
        for (long end = limit; end > 0; end -= STEP) {
            if (limit - end > RecordLines.LONGEST) {
                throw noRecord();
            }
            long start = Math.max(0, end - STEP);
            int newline = read(channel, start, end).lastIndexOf('\n');
            if (newline >= 0) {
                return start + newline + 1;
            }
        }
        return 0;
    }

    private static long newlineAfter(FileChannel channel, long start) throws IOException {
        for (long at = start; at < channel.size() && at - start <= RecordLines.LONGEST; at += STEP) {
            int newline = read(channel, at, Math.min(at + STEP, channel.size())).indexOf('\n');
            if (newline >= 0) {
                return at + newline + 1;
            }
        }
        throw noRecord();
    }

    /** One character a byte, so that positions in the text are positions in the file. */
    private static String read(FileChannel channel, long start, long end) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(end - start));
        int count = 0;
        while (buffer.hasRemaining() && count >= 0) {
            count = channel.read(buffer, start + buffer.position());
        }
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }
}
