// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has a handshake wait in line with the others of its event loop, so that a crowd of new connections does not hold up the
 * established ones: to read and answer a client's flight costs as much as a dozen calls. One flight is taken each time the loop has
 * looked after everybody else. Stands before the TLS handler until the handshake has ended.
 */
final class HandshakeQueue extends ChannelInboundHandlerAdapter {

    private static final FastThreadLocal<Line> LINES = new FastThreadLocal<>() {
        @Override
        protected Line initialValue() {
            return new Line();
        }
    };

    private final Queue<Object> held = new ArrayDeque<>(2);
    private @Nullable ChannelHandlerContext context;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext here, Object message) {
        Line line = LINES.get();
        if (held.isEmpty() && line.isFree()) {
            line.take(() -> here.fireChannelRead(message));
            return;
        }
        held.add(message);
        if (held.size() == 1) {
            line.join(this, here.executor());
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

    /** What arrived before the end is not lost with it. */
    @Override
    public void channelInactive(ChannelHandlerContext here) {
        goOn();
        here.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext here) {
        context = null;
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    private void goOn() {
        ChannelHandlerContext here = context;
        if (here == null || held.isEmpty()) {
            return;
        }
        here.channel().config().setAutoRead(true);
        while (context != null && !held.isEmpty()) {
            here.fireChannelRead(held.remove());
        }
        here.fireChannelReadComplete();
    }

    /** Those of one event loop, first come, first served. Used by that loop only. */
    private static final class Line {

        private final Queue<HandshakeQueue> waiting = new ArrayDeque<>();
        private long freeFrom = System.nanoTime();

        /** Whether nobody waits, and established connections had as much time as the last flight took. */
        boolean isFree() {
            return waiting.isEmpty() && System.nanoTime() - freeFrom >= 0;
        }

        void take(Runnable flight) {
            long begun = System.nanoTime();
            flight.run();
            long ended = System.nanoTime();
            freeFrom = ended + (ended - begun);
        }

        void join(HandshakeQueue one, EventExecutor loop) {
            waiting.add(one);
            if (waiting.size() == 1) {
                next(loop);
            }
        }

        /** A task that is due comes after what has arrived meanwhile; one that is merely submitted would come before it. */
        private void next(EventExecutor loop) {
            var unused = loop.schedule(
                    () -> {
                        try {
                            take(waiting.element()::goOn);
                        } finally {
                            waiting.remove();
                            if (!waiting.isEmpty()) {
                                next(loop);
                            }
                        }
                    },
                    0,
                    TimeUnit.NANOSECONDS);
        }
    }
}
