// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Lets a client that is refused, or has sent what cannot be read, read why. It has often sent more by then; closing with that unread
 * makes the kernel reset the connection, and a reset overtakes the alert. So our side is shut first, and what still comes is dropped
 * for a moment.
 */
final class LingeringClose extends ChannelDuplexHandler {

    private static final long MILLIS = 1_000;

    private final BooleanSupplier broken;
    private boolean refused;
    private boolean leaving;

    /**
     * For one connection.
     *
     * @param broken whether a close is that of a connection whose client has sent what cannot be read
     */
    LingeringClose(BooleanSupplier broken) {
        this.broken = broken;
    }

    /** The next close is that of a refused handshake. */
    void refuse() {
        refused = true;
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (leaving) {
            // HTTP closes as well when it sees the failure.
            context.channel().closeFuture().addListener(closed -> promise.trySuccess());
            return;
        }
        if (!(refused || broken.getAsBoolean())
                || !context.channel().isActive()
                || !(context.channel() instanceof DuplexChannel duplex)) {
            var unused = context.close(promise);
            return;
        }
        leaving = true;
        context.channel().config().setAutoRead(true);
        var unusedShut = duplex.shutdownOutput();
        Runnable leave = () -> {
            var unused = context.close(promise);
        };
        var unused = context.executor().schedule(leave, MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (leaving) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }
}
