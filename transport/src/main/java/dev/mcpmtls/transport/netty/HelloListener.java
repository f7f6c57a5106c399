// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.handshake.Hellos;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Overhears the hellos on the wire below TLS, whichever engine speaks it, and leaves once it has heard both. */
final class HelloListener extends ChannelDuplexHandler {

    private static final List<String> METHODS =
            List.of("GET ", "POST ", "HEAD ", "OPTIONS ", "DELETE ", "PUT ", "PRI ");
    private static final int LONGEST_METHOD = 8;
    private static final String WHY = "This port speaks TLS: use https, with a client certificate.\n";
    private static final String PLAIN_HTTP =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n" + "Content-Length: "
                    + WHY.length() + "\r\n\r\n" + WHY;

    private @Nullable Hellos hellos = new Hellos();
    private Optional<String> connectionId = Optional.empty();
    private boolean heard;
    private boolean isProxyHeader;
    private @Nullable ChannelHandlerContext plainHttp;

    /** The id that both ends know; empty before the ServerHello. */
    Optional<String> connectionId() {
        return connectionId;
    }

    /** Whether the connection began with a balancer's header instead of a hello. */
    boolean isProxyHeader() {
        return isProxyHeader;
    }

    /** Answers a client that speaks HTTP without TLS in clear text, once its handshake has failed; whether it is one. */
    boolean answerPlainHttp() {
        ChannelHandlerContext context = plainHttp;
        if (context != null) {
            var unused = context.writeAndFlush(Unpooled.copiedBuffer(PLAIN_HTTP, StandardCharsets.US_ASCII));
        }
        return context != null;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Hellos begun = hellos;
        if (begun != null && message instanceof ByteBuf bytes) {
            if (!heard) {
                isProxyHeader = ProxyHeader.mayBegin(bytes);
                String first = bytes.toString(
                        bytes.readerIndex(),
                        Math.min(bytes.readableBytes(), LONGEST_METHOD),
                        StandardCharsets.US_ASCII);
                plainHttp = METHODS.stream().anyMatch(first::startsWith) ? context : null;
            }
            heard = true;
            byte[] beginning = beginning(bytes, begun.receivedWanted());
            begun.received(beginning, 0, beginning.length);
            leaveWhenDone(context, begun);
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        Hellos begun = hellos;
        if (begun != null && message instanceof ByteBuf bytes) {
            byte[] beginning = beginning(bytes, begun.sentWanted());
            begun.sent(beginning, 0, beginning.length);
            leaveWhenDone(context, begun);
        }
        var unused = context.write(message, promise);
    }

    private static byte[] beginning(ByteBuf bytes, int wanted) {
        byte[] beginning = new byte[Math.min(wanted, bytes.readableBytes())];
        bytes.getBytes(bytes.readerIndex(), beginning);
        return beginning;
    }

    private void leaveWhenDone(ChannelHandlerContext context, Hellos begun) {
        connectionId = begun.connectionId();
        if (connectionId.isPresent() || (begun.sentWanted() == 0 && begun.receivedWanted() == 0)) {
            hellos = null; // the connection keeps its listener, and may last for days
            context.pipeline().remove(this);
        }
    }
}
