// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads lines of bounded length. Not thread-safe. */
final class Lines {

    /** A line is longer than the bound. */
    static final class TooLongException extends IOException {

        private static final long serialVersionUID = 1L;

        TooLongException(int bound) {
            super("a line has more than " + bound + " bytes");
        }
    }

    private final InputStream in;
    private final int maxBytes;
    private final byte[] buffer = new byte[16 * 1024];
    private int at;
    private int end;
    private boolean cuts;

    Lines(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /** Drops what is longer instead of failing. */
    Lines cutting() {
        cuts = true;
        return this;
    }

    /**
     * The next line without its end, blocking until it is there; null when the stream ends. A last line without an end counts.
     *
     * @throws TooLongException when it is too long
     */
    byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (at == end) {
                at = 0;
                end = Math.max(0, in.read(buffer));
                if (end == 0) {
                    return line.size() == 0 ? null : line.toByteArray();
                }
            }
            int from = at;
            while (at < end && buffer[at] != '\n') {
                at++;
            }
            add(line, from, at - from);
            if (at < end) {
                at++;
                return line.toByteArray();
            }
        }
    }

    private void add(ByteArrayOutputStream line, int from, int length) throws IOException {
        int room = maxBytes - line.size();
        if (length > room && !cuts) {
            throw new TooLongException(maxBytes);
        }
        line.write(buffer, from, Math.min(length, room));
    }
}
