// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.transport.server.caller.RefusedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;

/**
 * The unread part of one response. It leaves in pieces, which distinguish a slow reader from one that reads nothing. Output beyond one piece counts among the answers that its owner leaves unread. On the event loop only.
 *
 * <p>Pieces wait outside the heap. Inside it, output that waits for seconds would outlive the young generation, and fill the old one even
 * after its slow reader is disconnected. On HTTP/1.1 they wait here until the connection takes more, because Vert.x's own queue would cost
 * each idle connection 5 KB; on HTTP/2 they wait in their stream.
 */
final class PendingOutput {

    /** As much as one TLS record carries. */
    static final int PIECE = 16 * 1024;

    /** Given back to the system piece by piece; its metric knows what is in use. */
    static final UnpooledByteBufAllocator MEMORY = new UnpooledByteBufAllocator(true);

    private final HttpServerResponse response;
    private final boolean http1;
    private final Carrier connection;
    private final Queue<Waiting> waiting = new ArrayDeque<>(1);
    private long unsent;
    private int held;
    private long movedAt;
    private boolean closed;

    private record Waiting(Buffer piece, Function<Buffer, Future<Void>> how, Promise<Void> left) {}

    PendingOutput(HttpServerResponse response, boolean http1, Carrier connection) {
        this.response = response;
        this.http1 = http1;
        this.connection = connection;
    }

    /** How much was written that the reader has not taken. */
    long unsent() {
        return unsent;
    }

    /** Since when the reader has taken nothing, from {@link Carrier#now}; means something while there is something to take. */
    long movedAt() {
        return movedAt;
    }

    /**
     * Makes room for a message that {@link #write} or {@link #end} is about to send.
     *
     * @throws RefusedException when its owner, or all owners together, leave too much unread
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
        send(part, response::write, part.length());
    }

    /**
     * Sends the last part of the body, which may be empty.
     *
     * @return completes when the reader has taken all of it or gone
     */
    Future<Void> end(Buffer part) {
        // Also an empty end has to leave.
        sending(part.length() + 1);
        return send(part, response::end, part.length() + 1);
    }

    /** Nothing more will leave. */
    void close() {
        closed = true;
        give(held);
        waiting.forEach(one -> one.left.fail("the response has ended"));
        waiting.clear();
    }

    /** Sends it in pieces, of which {@code last} sends the last. */
    private Future<Void> send(Buffer part, Function<Buffer, Future<Void>> last, int counted) {
        if (part.length() <= PIECE) {
            return handOver(part, last).onComplete(taken -> taken(counted));
        }
        int from = 0;
        for (; part.length() - from > PIECE; from += PIECE) {
            sendCopy(part.slice(from, from + PIECE), response::write, PIECE);
        }
        return sendCopy(part.slice(from, part.length()), last, counted - from);
    }

    private Future<Void> sendCopy(Buffer piece, Function<Buffer, Future<Void>> how, int counted) {
        ByteBuf copy = MEMORY.directBuffer(piece.length()).writeBytes(((BufferInternal) piece).getByteBuf());
        try {
            return handOver(BufferInternal.buffer(copy), how).onComplete(taken -> {
                copy.release();
                taken(counted);
            });
        } catch (RuntimeException e) { // the response has not taken the copy
            copy.release();
            throw e;
        }
    }

    /** Writes a piece, as soon as the connection takes more and the pieces before it are written. */
    private Future<Void> handOver(Buffer piece, Function<Buffer, Future<Void>> how) {
        if (!http1 || (waiting.isEmpty() && !response.writeQueueFull())) {
            return how.apply(piece);
        }
        response.drainHandler(drained -> handOverMore());
        Promise<Void> left = Promise.promise();
        waiting.add(new Waiting(piece, how, left));
        return left.future();
    }

    private void handOverMore() {
        while (!waiting.isEmpty() && !response.writeQueueFull()) {
            Waiting next = waiting.remove();
            next.how.apply(next.piece).onComplete(next.left);
        }
    }

    private void sending(int bytes) {
        if (unsent == 0) {
            movedAt = connection.now();
        }
        unsent += bytes;
    }

    private void taken(int bytes) {
        unsent -= bytes;
        movedAt = connection.now();
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
