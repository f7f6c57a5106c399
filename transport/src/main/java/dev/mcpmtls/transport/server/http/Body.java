// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;

/** Reads a request's body within bounds of size and time: refused from its declared length before anything is read, or when it trickles. */
final class Body implements Connection.Swept {

    /** Gets the outcome, on the event loop. */
    interface Reader {

        /**
         * There is a body, and its declared length is within bounds.
         *
         * @throws RefusedException when it must still not be read
         */
        void begins();

        /**
         * Some of it has arrived.
         *
         * @throws RefusedException when there is no room for that much more
         */
        void grows(int bytes);

        /** Nothing more of it will be read; follows {@link #begins} in any case. */
        void ends();

        /** The body has arrived. */
        void whole(byte[] body);

        /** It is too long or too slow. */
        void refused(RefusedException refused);
    }

    /** 16 KiB a second. */
    private static final int BYTES_PER_MILLI = 16;

    private final Connection connection;
    private final Limits limits;
    private final Reader reader;
    private final long begun;
    // One array, since a buffer for each part would be a hundred times as large as a part of one byte.
    private byte[] bytes = {};
    private int length;
    private boolean over;

    private Body(Connection connection, Limits limits, Reader reader) {
        this.connection = connection;
        this.limits = limits;
        this.reader = reader;
        this.begun = connection.now();
    }

    static void read(Connection connection, HttpServerRequest request, Limits limits, Reader reader) {
        long declared = declaredLength(request);
        if (declared > limits.maxBody()) {
            throw tooLong(limits);
        }
        reader.begins();
        Body body = new Body(connection, limits, reader);
        connection.reads(body);
        request.handler(body::part);
        request.endHandler(end -> {
            if (StrictRequestDecoder.isBodyMalformed(request)) {
                body.refuse(RefusedException.invalidRequest("a chunk or a trailer of the body is malformed"));
            } else {
                body.whole();
            }
        });
        request.exceptionHandler(gone -> body.finish());
        String expectation = request.getHeader(HttpHeaders.EXPECT);
        if (expectation != null) {
            if (!expectation.equalsIgnoreCase("100-continue")) {
                body.finish();
                throw new RefusedException(417, ErrorCode.INVALID_REQUEST, "only 100-continue can be expected");
            }
            request.response().writeContinue();
        }
    }

    /** Refuses it when it arrives too slowly; on the event loop, every now and then. */
    @Override
    public void sweep(long now) {
        long taken = (now - begun) / 1_000_000;
        if (taken > limits.bodyTimeout().toMillis() + length / BYTES_PER_MILLI) {
            refuse(new RefusedException(
                    408,
                    ErrorCode.INVALID_REQUEST,
                    "the body arrives too slowly: " + length + " bytes in " + taken + " ms"));
        }
    }

    private static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return 0;
        }
        boolean digits = !length.isEmpty() && length.length() <= 18;
        for (int i = 0; i < length.length(); i++) {
            digits &= length.charAt(i) >= '0' && length.charAt(i) <= '9';
        }
        if (!digits) {
            throw RefusedException.invalidRequest("the Content-Length is not a number");
        }
        return Long.parseLong(length);
    }

    private void part(Buffer part) {
        if (over) {
            return;
        }
        if (length + part.length() > limits.maxBody()) {
            refuse(tooLong(limits));
            return;
        }
        try {
            reader.grows(part.length());
        } catch (RefusedException noRoom) {
            refuse(noRoom);
            return;
        }
        int more = length + part.length();
        if (more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(more, Math.min(2 * bytes.length, limits.maxBody())));
        }
        part.getBytes(bytes, length);
        length = more;
    }

    private void whole() {
        if (finish()) {
            reader.whole(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        }
    }

    private void refuse(RefusedException refused) {
        if (finish()) {
            bytes = new byte[0];
            reader.refused(refused);
        }
    }

    private boolean finish() {
        if (over) {
            return false;
        }
        over = true;
        connection.hasRead(this);
        reader.ends();
        return true;
    }

    private static RefusedException tooLong(Limits limits) {
        return new RefusedException(
                413,
                ErrorCode.INVALID_REQUEST,
                "the body exceeds " + limits.maxBody() + " bytes, the server's http.max-body");
    }
}
