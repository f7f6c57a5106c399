// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.netty.TlsConnection;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import io.vertx.core.http.HttpVersion;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** One accepted TLS connection and what is going on in it. Touched on its event loop only, except {@link #inFlight}. */
final class Connection implements Carrier {

    /** Something that is looked after every now and then. */
    interface Swept {

        /**
         * Checks it for time that has run out; on the event loop.
         *
         * @param now as of {@link Carrier#now}
         */
        void sweep(long now);
    }

    private final TlsConnection tls;
    private final boolean http1;
    private final Caller caller;
    private final Owner owner;
    private final Limits limits;
    private final UnreadOutput unread;
    private final LongSupplier nanoTime;
    private final List<ResponseWriter> replies = new ArrayList<>(1);
    private final List<Swept> bodies = new ArrayList<>(1);
    private final AtomicInteger inFlight = new AtomicInteger();
    private boolean served;
    private boolean refused;
    private boolean ending;
    private long quietSince;
    private long movedAt;
    private long heardBefore;
    private long beginsSince;
    private boolean overdrawing;
    private long overdrewAt = -1;

    // Random, so that a crowd that came at once, and asks or takes nothing, is not closed all at once.
    private final double patience = ThreadLocalRandom.current().nextDouble(0.85, 1);

    Connection(TlsConnection tls, HttpVersion version, Limits limits, UnreadOutput unread, LongSupplier nanoTime) {
        this.tls = tls;
        this.http1 = version != HttpVersion.HTTP_2;
        this.caller = new Caller(tls.peer(), tls.facts());
        this.owner = Owner.of(caller.peer());
        this.limits = limits;
        this.unread = unread;
        this.nanoTime = nanoTime;
        this.quietSince = now();
    }

    Caller caller() {
        return caller;
    }

    /** How its requests travel. */
    Wire wire() {
        InetSocketAddress client = caller.connection().remote();
        return Wire.http(
                http1 ? "1.1" : "2",
                client.getHostString(),
                client.getPort(),
                caller.peer().identity().text());
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public long now() {
        return nanoTime.getAsLong();
    }

    @Override
    public UnreadOutput unread() {
        return unread;
    }

    @Override
    public void moved(long now) {
        movedAt = now;
    }

    /** Whether the peer may still be served; if not, the connection is being closed. */
    boolean stands() {
        return tls.stands();
    }

    /** Completes as the record of the peer's acceptance does. */
    CompletionStage<Void> recorded() {
        return tls.recorded();
    }

    /** A request has begun. */
    void begin(ResponseWriter reply) {
        replies.add(reply);
        reply.whenDone(() -> {
            replies.remove(reply);
            served = reply.succeeded();
            refused = !served;
            quietSince = now();
            heardBefore = tls.heard();
            beginsSince = 0;
            if (overdrawing) {
                overdrawing = false;
                overdrewAt = heardBefore;
            }
        });
    }

    /** A body begins to be read. */
    void reads(Swept body) {
        bodies.add(body);
    }

    /** As much of a body was read as will be. */
    void hasRead(Swept body) {
        bodies.remove(body);
    }

    /** Its client learns that it closes after the answer to the present request: later requests on it are not served. */
    void endWithThisAnswer() {
        ending = true;
    }

    /** See {@link #endWithThisAnswer}. */
    boolean isEnding() {
        return ending;
    }

    @Override
    public void overdraws() {
        overdrawing = true;
    }

    /** Whether a request that begins now had arrived, on HTTP/1.1, before its client could read that it has too much in flight. */
    boolean isHeedless() {
        return http1 && (overdrawing || overdrewAt == tls.heard());
    }

    /** Whether one more handler may run for this connection; release its slot with {@link #releaseSlot}. */
    boolean takeSlot() {
        if (inFlight.incrementAndGet() > limits.streamsPerConnection()) {
            inFlight.decrementAndGet();
            return false;
        }
        return true;
    }

    /** A handler has ended; from any thread. */
    void releaseSlot() {
        inFlight.decrementAndGet();
    }

    /** Closes it at once. */
    void abort() {
        tls.abort();
    }

    @Override
    public void cut() {
        unread.stalled();
        tls.reset();
    }

    /** Closes it when its client is too slow, too idle, was refused and stays, or is no longer accepted. */
    void sweep(long now) {
        if (hasIdled(now) || !tls.stands()) {
            tls.abort();
            return;
        }
        if (replies.isEmpty() && bodies.isEmpty()) {
            return;
        }
        List.copyOf(bodies).forEach(body -> body.sweep(now));
        replies.stream().filter(ResponseWriter::isOver).toList().forEach(ResponseWriter::leave);
        long patience = patience(limits.writeTimeout());
        List<ResponseWriter> stalled = replies.stream()
                .filter(reply -> reply.hasStalled(now, patience))
                .toList();
        if (!stalled.isEmpty() && now - movedAt > patience) {
            cut();
        } else {
            stalled.forEach(ResponseWriter::cut);
        }
    }

    private long patience(Duration limit) {
        return (long) (patience * limit.toNanos());
    }

    private boolean hasIdled(long now) {
        if (!replies.isEmpty()) {
            return false;
        }
        long allowed = served
                ? limits.idleTimeout().toNanos()
                : patience(refused ? limits.writeTimeout() : limits.firstRequestTimeout());
        return now - quietSince > allowed || isEndlessHead(now);
    }

    /** On HTTP/1.1, what arrives between two requests is the head of the next, which has to come to its end. */
    private boolean isEndlessHead(long now) {
        if (!http1 || tls.heard() == heardBefore) {
            return false;
        }
        if (beginsSince == 0) {
            beginsSince = now;
        }
        return now - beginsSince > limits.firstRequestTimeout().toNanos();
    }
}
