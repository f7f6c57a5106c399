// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a handshake wait with the others of its event loop, so that a crowd of new connections does not delay the established ones.
 * Reading and answering a client's flight costs as much as a dozen calls. Each time the loop has served its other connections, it takes
 * flights for as long as that took, and at least one. Stands before the TLS handler and leaves when the
 * handshake has ended and nothing waits any more.
 */
final class HandshakeQueue extends ChannelInboundHandlerAdapter {

    private static final FastThreadLocal<Line> LINES = new FastThreadLocal<>() {
        @Override
        protected Line initialValue() {
            return new Line(System::nanoTime);
        }
    };

    private final Line line;
    private final Queue<Object> held = new ArrayDeque<>(2);
    private @Nullable ChannelHandlerContext context;
    private long place;
    private boolean goingOn;
    private boolean completed;

    /** Waits in the line of this thread, which is the connection's event loop. */
    HandshakeQueue() {
        this(LINES.get());
    }

    HandshakeQueue(Line line) {
        this.line = line;
    }

    /**
     * The handshake is complete, or has failed. Messages that still wait are the beginning of a request after success, and are dropped
     * after a failure.
     */
    void ended(boolean success) {
        if (success && (goingOn || !held.isEmpty())) {
            completed = true;
        } else {
            leave();
        }
    }

    private void leave() {
        if (context != null) {
            context.pipeline().remove(this);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext here, Object message) {
        if (held.isEmpty() && line.isFree()) {
            line.take(() -> here.fireChannelRead(message));
            return;
        }
        held.add(message);
        if (held.size() == 1) {
            place = line.join(this, here.executor());
        } else {
            here.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext here) {
        if (held.isEmpty()) {
            here.fireChannelReadComplete();
        }
    }

    /** Passes on the messages that arrived before the connection closed. */
    @Override
    public void channelInactive(ChannelHandlerContext here) {
        goOn();
        here.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext here) {
        context = null;
        line.leave(place);
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    private void goOn() {
        ChannelHandlerContext here = context;
        if (here == null || held.isEmpty()) {
            return;
        }
        here.channel().config().setAutoRead(true);
        goingOn = true;
        while (!held.isEmpty()) {
            here.fireChannelRead(held.remove());
        }
        goingOn = false;
        here.fireChannelReadComplete();
        if (completed) {
            leave();
        }
    }

    /**
     * The waiting handshakes of one event loop, used by that loop only. The newest is served first. In a crowd that arrives at once
     * some have to wait in any order, but a later arrival does not wait behind all of them. When more handshakes arrive than the
     * loop can make, some still complete; in order of arrival all would time out.
     */
    static final class Line {

        private final NavigableMap<Long, HandshakeQueue> waiting = new TreeMap<>();
        private final LongSupplier nanoTime;
        private long places;
        private boolean turning;
        private long over;
        private long freeFrom;

        /** Nothing waits. The time is as of {@link System#nanoTime()}. */
        Line(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            this.over = nanoTime.getAsLong();
            this.freeFrom = over;
        }

        /** Whether no handshake waits, and established connections had as much time as the last flight took. */
        boolean isFree() {
            return waiting.isEmpty() && nanoTime.getAsLong() - freeFrom >= 0;
        }

        void take(Runnable flight) {
            long begun = nanoTime.getAsLong();
            flight.run();
            over = nanoTime.getAsLong();
            freeFrom = over + (over - begun);
        }

        /** Its place, for {@link #leave}. */
        long join(HandshakeQueue one, EventExecutor loop) {
            places++;
            waiting.put(places, one);
            if (!turning) {
                turning = true;
                next(loop);
            }
            return places;
        }

        void leave(long place) {
            waiting.remove(place);
        }

        /** A task that is due comes after what has arrived meanwhile; one that is merely submitted would come before it. */
        private void next(EventExecutor loop) {
            var unused = loop.schedule(() -> turn(loop), 0, TimeUnit.NANOSECONDS);
        }

        /** Takes one flight, and more for as long as other connections were served since the last. */
        private void turn(EventExecutor loop) {
            long begun = nanoTime.getAsLong();
            long others = begun - over;
            try {
                do {
                    Map.Entry<Long, HandshakeQueue> last = waiting.pollLastEntry();
                    if (last != null) {
                        take(last.getValue()::goOn);
                    }
                } while (!waiting.isEmpty() && over - begun < others);
            } finally {
                turning = !waiting.isEmpty();
                if (turning) {
                    next(loop);
                }
            }
        }
    }
}
