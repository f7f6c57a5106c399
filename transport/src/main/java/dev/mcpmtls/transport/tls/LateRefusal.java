// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.audit.AuditEvent;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;

/**
 * Notes the alert by which a TLS 1.3 server refuses a client that already believes it is connected (RFC 8446, section 4.4.2.4:
 * the client's certificate is judged after the client's Finished).
 */
final class LateRefusal extends ChannelInboundHandlerAdapter {

    private final TlsConnection connection;
    private final TlsProfile profile;

    private LateRefusal(TlsConnection connection, TlsProfile profile) {
        this.connection = connection;
        this.profile = profile;
    }

    static void watch(Channel channel, SslHandler handler, TlsConnection connection, TlsProfile profile) {
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addAfter(pipeline.context(handler).name(), null, new LateRefusal(connection, profile));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        connection.hear();
        context.fireChannelRead(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        HandshakeFailure failure = HandshakeFailure.of(cause);
        if (failure instanceof HandshakeFailure.RefusedByPeer refused
                && connection.refusal().isEmpty()) {
            connection.refusedBy(refused.alert());
            profile.audit()
                    .record(new AuditEvent.HandshakeFailed(
                            profile.clock().instant(), connection.facts(), failure.reason(), failure.why()));
        }
        context.fireExceptionCaught(cause);
    }
}
