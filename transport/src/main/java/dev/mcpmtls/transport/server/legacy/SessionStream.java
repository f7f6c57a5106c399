// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.transport.server.call.Reply;
import dev.mcpmtls.transport.server.legacy.EventLog.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a legacy session: the answer to a request, or what the server says of its own accord. It outlives the connection
 * that carries it; while none does, its events wait in the session's log. Guarded by the session's lock.
 */
final class SessionStream {

    private final Object lock;
    private final EventLog log;
    private final long number;
    private final boolean primes;
    private @Nullable Reply reply;
    private boolean begun;
    private boolean over;

    /**
     * A stream that nothing was sent on.
     *
     * @param primes whether the client's version has an empty first event, so that it knows an id to come back with
     */
    SessionStream(Object lock, EventLog log, long number, boolean primes) {
        this.lock = lock;
        this.log = log;
        this.number = number;
        this.primes = primes;
    }

    long number() {
        return number;
    }

    boolean isOver() {
        synchronized (lock) {
            return over;
        }
    }

    boolean isAttached() {
        synchronized (lock) {
            return reply != null;
        }
    }

    /** From now on this reply carries the stream; it stops when its client goes. */
    void attach(Reply carrier, List<Event> missed) {
        synchronized (lock) {
            if (reply != null) {
                reply.end();
            }
            missed.forEach(event -> carrier.event(event.wireId(), event.message()));
            if (over) {
                carrier.end();
                return;
            }
            reply = carrier;
        }
        carrier.whenGone(() -> detach(carrier));
    }

    /** Begins the stream without a message. */
    void begin() {
        synchronized (lock) {
            if (begun || over) {
                return;
            }
            begun = true;
            if (primes) {
                emit(new byte[0]);
            } else if (reply != null) {
                reply.open();
            }
        }
    }

    /** A message that is not the last. */
    void send(byte[] message) {
        synchronized (lock) {
            if (!over) {
                begin();
                emit(message);
            }
        }
    }

    /** The last message: plain JSON when it is also the first. */
    void finish(int status, byte[] message) {
        synchronized (lock) {
            if (over) {
                return;
            }
            over = true;
            String id = begun ? log.append(number, message).wireId() : null;
            if (reply != null) {
                reply.answer(status, id, message);
                reply = null;
            }
        }
    }

    /** Ends the stream without a last message. */
    void close() {
        synchronized (lock) {
            over = true;
            if (reply != null) {
                reply.end();
                reply = null;
            }
        }
    }

    private void emit(byte[] message) {
        Event event = log.append(number, message);
        if (reply != null) {
            reply.event(event.wireId(), message);
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very reply that ended, not the one that followed it
    private void detach(Reply carrier) {
        synchronized (lock) {
            if (reply == carrier) {
                reply = null;
            }
        }
    }
}
