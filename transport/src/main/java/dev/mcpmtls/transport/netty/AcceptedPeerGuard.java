// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands behind the TLS handler until the peer is accepted. A resumed handshake is complete before we have verified the peer. When we
 * then reject the peer, HTTP sees a failed handshake, and none of the peer's data.
 */
final class AcceptedPeerGuard extends ChannelInboundHandlerAdapter {

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent completion)) {
            context.fireUserEventTriggered(event);
            return;
        }
        boolean accepted = context.channel().attr(TlsConnection.KEY).get() != null;
        if (completion.isSuccess() && !accepted) {
            Throwable refused = context.channel().attr(HandshakeWatch.REFUSAL).get();
            context.fireUserEventTriggered(new SslHandshakeCompletionEvent(
                    refused == null ? new IllegalStateException("the peer was not judged") : refused));
            return;
        }
        context.pipeline().remove(this);
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }
}
