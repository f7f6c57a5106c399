// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.Optional;

/** Overhears the hellos on the wire below TLS, whichever engine speaks it, and leaves once it has heard both. */
final class HelloListener extends ChannelDuplexHandler {

    private final Hellos hellos = new Hellos();
    private Optional<String> connectionId = Optional.empty();

    /** The id that both ends know; empty before the ServerHello. */
    Optional<String> connectionId() {
        return connectionId;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            byte[] beginning = beginning(bytes, hellos.receivedWanted());
            hellos.received(beginning, 0, beginning.length);
            leaveWhenDone(context);
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            byte[] beginning = beginning(bytes, hellos.sentWanted());
            hellos.sent(beginning, 0, beginning.length);
            leaveWhenDone(context);
        }
        var unused = context.write(message, promise);
    }

    private static byte[] beginning(ByteBuf bytes, int wanted) {
        byte[] beginning = new byte[Math.min(wanted, bytes.readableBytes())];
        bytes.getBytes(bytes.readerIndex(), beginning);
        return beginning;
    }

    private void leaveWhenDone(ChannelHandlerContext context) {
        connectionId = hellos.connectionId();
        if (connectionId.isPresent() || (hellos.sentWanted() == 0 && hellos.receivedWanted() == 0)) {
            context.pipeline().remove(this);
        }
    }
}
