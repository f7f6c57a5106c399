// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several handshakes of one event loop, which is the thread of the test. */
class HandshakeQueueTest {

    private static final String SLOW = "slow";
    private static final String FINISHED = "finished";
    private static final long LONG = 300_000_000;

    private final AtomicLong time = new AtomicLong();
    private final HandshakeQueue.Line line = new HandshakeQueue.Line(time::get);
    private final List<String> seen = new ArrayList<>();
    private final List<EmbeddedChannel> open = new ArrayList<>();

    /** A flight has just taken long, so that the next handshake has to wait. */
    @BeforeEach
    void keepTheLoopBusy() {
        EmbeddedChannel busy = channel("busy");
        arrives(busy, SLOW);
        turn(busy);
        seen.clear();
    }

    @AfterEach
    void close() {
        open.forEach(channel -> {
            turn(channel);
            channel.close();
        });
    }

    @Test
    void takesAFlightAtOnceWhenNobodyWaits() {
        time.addAndGet(2 * LONG);

        arrives(channel("a"), "hello");

        assertThat(seen).containsExactly("a hello", "a complete");
    }

    @Test
    void takesTheOthersOneATurnTheLastToComeFirst() {
        EmbeddedChannel first = channel("a");
        EmbeddedChannel second = channel("b");
        arrives(first, SLOW);
        arrives(second, SLOW);
        assertThat(seen).isEmpty();

        turn(second);
        assertThat(seen).isEmpty();

        turn(first);
        assertThat(seen).containsExactly("b slow", "b complete");

        turn(first);
        assertThat(seen).containsExactly("b slow", "b complete", "a slow", "a complete");
    }

    @Test
    void takesSeveralAfterTheOthersHadTheirTime() {
        EmbeddedChannel first = channel("a");
        arrives(first, "hello");
        arrives(channel("b"), "hello");
        time.addAndGet(LONG);

        turn(first);

        assertThat(seen).containsExactly("b hello", "b complete", "a hello", "a complete");
    }

    @Test
    void readsNoMoreFromOneWhoSendsMoreWhileHeWaits() {
        EmbeddedChannel eager = channel("a");
        arrives(eager, "hello");
        assertThat(eager.config().isAutoRead()).isTrue();

        arrives(eager, "more");
        assertThat(eager.config().isAutoRead()).isFalse();

        turn(eager);
        assertThat(seen).containsExactly("a hello", "a more", "a complete");
        assertThat(eager.config().isAutoRead()).isTrue();
    }

    @Test
    void losesNothingThatArrivedBeforeTheEnd() {
        EmbeddedChannel leaving = channel("a");
        arrives(leaving, FINISHED);

        leaving.pipeline().fireChannelInactive();

        assertThat(seen).containsExactly("a finished", "a complete", "a gone");
        turn(leaving);
        assertThat(seen).hasSize(3);
    }

    @Test
    void losesNothingThatArrivedWithTheEndOfTheHandshake() {
        EmbeddedChannel completed = channel("a");
        arrives(completed, FINISHED);
        arrives(completed, "request");

        turn(completed);

        assertThat(seen).containsExactly("a finished", "a request", "a complete");
        assertThat(completed.pipeline().get(HandshakeQueue.class)).isNull();
    }

    @Test
    void losesNothingThatWaitsWhenTheHandshakeEndsMeanwhile() {
        EmbeddedChannel completed = channel("a");
        HandshakeQueue queue = completed.pipeline().get(HandshakeQueue.class);
        arrives(completed, "request");

        queue.ended(true);
        assertThat(seen).isEmpty();

        turn(completed);
        assertThat(seen).containsExactly("a request", "a complete");
        assertThat(completed.pipeline().get(HandshakeQueue.class)).isNull();
    }

    @Test
    void leavesAtOnceWhenNothingWaits() {
        EmbeddedChannel completed = channel("a");

        completed.pipeline().get(HandshakeQueue.class).ended(true);

        assertThat(completed.pipeline().get(HandshakeQueue.class)).isNull();
    }

    @Test
    void forgetsWhatWaitsWhenTheHandshakeHasFailed() {
        EmbeddedChannel failed = channel("a");
        EmbeddedChannel next = channel("b");
        ByteBuf held = arrives(failed, "hello");
        arrives(next, "hello");

        failed.pipeline().get(HandshakeQueue.class).ended(false);

        assertThat(held.refCnt()).isZero();
        turn(failed);
        turn(failed);
        assertThat(seen).containsExactly("b hello", "b complete");
    }

    private EmbeddedChannel channel(String name) {
        HandshakeQueue queue = new HandshakeQueue(line);
        EmbeddedChannel channel = new EmbeddedChannel(queue, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                String text = ((ByteBuf) message).toString(StandardCharsets.US_ASCII);
                ReferenceCountUtil.release(message);
                seen.add(name + " " + text);
                if (text.equals(FINISHED)) {
                    queue.ended(true);
                }
                if (text.equals(SLOW)) {
                    time.addAndGet(LONG);
                }
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext context) {
                seen.add(name + " complete");
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                seen.add(name + " gone");
            }
        });
        open.add(channel);
        return channel;
    }

    /** Comes in past the head of the pipeline, which would run the loop's tasks at once. */
    private static ByteBuf arrives(EmbeddedChannel channel, String text) {
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        ChannelHandlerContext context = channel.pipeline().context(HandshakeQueue.class);
        HandshakeQueue queue = (HandshakeQueue) context.handler();
        queue.channelRead(context, bytes);
        queue.channelReadComplete(context);
        return bytes;
    }

    private static void turn(EmbeddedChannel channel) {
        channel.runScheduledPendingTasks();
    }
}
