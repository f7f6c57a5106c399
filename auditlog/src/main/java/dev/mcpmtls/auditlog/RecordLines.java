// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The lines of a log, one after the other. At most one is in memory, and at most the length of a record of it. */
final class RecordLines implements Closeable {

    /** More bytes than any record has, because its fields are bounded. */
    static final int LONGEST = 1024 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(4096);
    private int at;
    private int end;
    private long read;
    private boolean isEnded;

    RecordLines(InputStream in) {
        this.in = in;
    }

    /** The next line without its newline; empty text instead of one that is too long for a record; empty at the end. */
    Optional<String> next() throws IOException {
        line.reset();
        boolean isTooLong = false;
        while (fill()) {
            int newline = newline();
            isTooLong |= line.size() + (newline - at) > LONGEST;
            if (!isTooLong) {
                line.write(buffer, at, newline - at);
            }
            boolean isWhole = newline < end;
            read += newline - at + (isWhole ? 1 : 0);
            at = isWhole ? newline + 1 : end;
            if (isWhole) {
                return Optional.of(isTooLong ? "" : line.toString(StandardCharsets.UTF_8));
            }
        }
        isEnded = true;
        return line.size() == 0 && !isTooLong
                ? Optional.empty()
                : Optional.of(isTooLong ? "" : line.toString(StandardCharsets.UTF_8));
    }

    /** Whether the last line had no newline: it is torn, or still being written. */
    boolean isEnded() {
        return isEnded;
    }

    /** The bytes of the lines so far, newlines included. */
    long position() {
        return read;
    }

    private boolean fill() throws IOException {
        if (at == end) {
            at = 0;
            end = Math.max(0, in.read(buffer));
        }
        return end > 0;
    }

    private int newline() {
        int index = at;
        while (index < end && buffer[index] != '\n') {
            index++;
        }
        return index;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
