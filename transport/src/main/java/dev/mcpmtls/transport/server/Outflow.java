// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * What of one response its reader has yet to take. It leaves in pieces, so that a slow reader that takes them one by one can be told
 * from one that takes none. What exceeds a piece counts among the answers that its owner leaves unread. On the event loop only.
 */
final class Outflow {

    /** As much as one TLS record carries. */
    static final int PIECE = 16 * 1024;

    private final HttpServerResponse response;
    private final Connection connection;
    private long unsent;
    private int held;
    private long movedAt;
    private boolean closed;

    Outflow(HttpServerResponse response, Connection connection) {
        this.response = response;
        this.connection = connection;
    }

    /** How much was written that the reader has not taken. */
    long unsent() {
        return unsent;
    }

    /** Since when the reader has taken nothing, from {@link System#nanoTime()}; means something while there is something to take. */
    long movedAt() {
        return movedAt;
    }

    /**
     * Makes room for a message that {@link #write} or {@link #end} is about to send.
     *
     * @throws RefusedException when its owner, or everybody together, leaves too much unread
     */
    void makeRoom(int length) {
        int more = (int) Math.min(unsent + length - PIECE - held, Integer.MAX_VALUE);
        if (more > 0 && !closed) {
            connection.unread().require(connection.owner(), more);
            held += more;
        }
    }

    /** Sends a part of the body. */
    void write(Buffer part) {
        sending(part.length());
        Buffer rest = pieces(part);
        response.write(rest).onComplete(taken -> taken(rest.length()));
    }

    /**
     * Sends the last part of the body, which may be empty.
     *
     * @return completes when the reader has taken all of it or gone
     */
    Future<Void> end(Buffer part) {
        // Also an empty end has to leave.
        sending(part.length() + 1);
        Buffer rest = pieces(part);
        return response.end(rest).onComplete(taken -> taken(rest.length() + 1));
    }

    /** Nothing more will leave. */
    void close() {
        closed = true;
        give(held);
    }

    /** Sends all of it but the last piece, which is returned. */
    private Buffer pieces(Buffer whole) {
        int from = 0;
        for (; whole.length() - from > PIECE; from += PIECE) {
            response.write(whole.slice(from, from + PIECE)).onComplete(taken -> taken(PIECE));
        }
        return from == 0 ? whole : whole.slice(from, whole.length());
    }

    private void sending(int bytes) {
        if (unsent == 0) {
            movedAt = System.nanoTime();
        }
        unsent += bytes;
    }

    private void taken(int bytes) {
        unsent -= bytes;
        movedAt = System.nanoTime();
        connection.moved(movedAt);
        give((int) (held - Math.max(0, unsent - PIECE)));
    }

    private void give(int bytes) {
        if (bytes > 0) {
            held -= bytes;
            connection.unread().give(connection.owner(), bytes);
        }
    }
}
