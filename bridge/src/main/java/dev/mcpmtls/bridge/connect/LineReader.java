// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Newline-delimited messages of a bounded size, in UTF-8. */
final class LineReader {

    private final InputStream in;
    private final int maxBytes;
    private final byte[] buffer = new byte[16 * 1024];
    private int at;
    private int end;

    LineReader(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /**
     * The next line without its end; null after the last.
     *
     * @throws InvalidMessageException when it is too long or not UTF-8; the line after it can be read
     */
    @Nullable
    String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean isTooLong = false;
        boolean hasBytes = false;
        while (fill()) {
            hasBytes = true;
            int from = at;
            while (at < end && buffer[at] != '\n') {
                at++;
            }
            isTooLong |= line.size() + at - from > maxBytes;
            if (!isTooLong) {
                line.write(buffer, from, at - from);
            }
            if (at < end) {
                at++;
                return text(line, isTooLong);
            }
        }
        return hasBytes ? text(line, isTooLong) : null;
    }

    private boolean fill() throws IOException {
        if (at < end) {
            return true;
        }
        at = 0;
        end = Math.max(in.read(buffer), 0);
        return end > 0;
    }

    private String text(ByteArrayOutputStream line, boolean isTooLong) {
        if (isTooLong) {
            throw new InvalidMessageException(
                    ErrorCode.INVALID_REQUEST,
                    "a message exceeds " + maxBytes + " bytes, the limit of mcp-mtls connect");
        }
        return Json.text(line.toByteArray()).strip();
    }
}
