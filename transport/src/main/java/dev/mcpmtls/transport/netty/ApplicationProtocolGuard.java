// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.handshake.HandshakeFailure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Refuses a client that offers application protocols by ALPN but none of ours (RFC 7301, section 3.2). Data for another kind of server is
 * therefore never taken for HTTP. The engines would continue without a protocol. Stands before the TLS
 * handler, and leaves when it has seen the ClientHello.
 */
final class ApplicationProtocolGuard extends ChannelInboundHandlerAdapter {

    /** A record with the fatal alert {@code no_application_protocol}. */
    private static final byte[] ALERT = {21, 3, 3, 0, 2, 2, 120};

    private final ClientHello hello = new ClientHello();
    private final List<String> spoken;
    private final Consumer<HandshakeFailure> refused;

    ApplicationProtocolGuard(List<String> spoken, Consumer<HandshakeFailure> refused) {
        this.spoken = spoken;
        this.refused = refused;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes && hello.read(bytes)) {
            List<String> offered = hello.applicationProtocols();
            if (!offered.isEmpty() && Collections.disjoint(offered, spoken)) {
                bytes.release();
                refused.accept(new HandshakeFailure.NoApplicationProtocol(offered, spoken));
                var unused = context.writeAndFlush(Unpooled.wrappedBuffer(ALERT));
                var unusedClose = context.close();
                return;
            }
            context.pipeline().remove(this);
        }
        context.fireChannelRead(message);
    }
}
