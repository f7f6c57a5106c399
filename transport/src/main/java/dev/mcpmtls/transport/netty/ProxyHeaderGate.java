// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of a connection from a balancer. TLS and everything behind it is made only when the header is there; after LOCAL, only
 * when a byte of TLS is. A health check that sends nothing more therefore costs and records nothing.
 */
final class ProxyHeaderGate extends ByteToMessageDecoder {

    /** The client that the balancer named. */
    static final AttributeKey<InetSocketAddress> CLIENT = AttributeKey.valueOf(ProxyHeaderGate.class.getName());

    /** Connections of a listener whose headers have not arrived. */
    static final int MAX_WAITING = 4_096;

    // A header and the client's hello; the cumulated bytes of a header that comes slowly keep one such buffer.
    private static final int READ = 2_048;

    private final TlsProfile profile;
    private final ChannelHandler next;
    private final AtomicInteger waiting;
    private @Nullable ProxyHeader header;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean begun;
    private boolean done;

    /**
     * For one connection.
     *
     * @param next makes the rest of the pipeline
     * @param waiting how many wait, of all loops
     */
    ProxyHeaderGate(TlsProfile profile, ChannelHandler next, AtomicInteger waiting) {
        this.profile = profile;
        this.next = next;
        this.waiting = waiting;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            done = true;
            var unused = context.close();
            return;
        }
        context.channel().config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ));
        timeout = context.executor()
                .schedule(() -> late(context), profile.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        waiting.decrementAndGet();
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (done) {
            in.skipBytes(in.readableBytes());
            return;
        }
        begun = true;
        try {
            if (header == null) {
                header = ProxyHeader.read(in);
            }
        } catch (ProxyHeader.MalformedException e) {
            in.skipBytes(in.readableBytes());
            refuse(context, String.valueOf(e.getMessage()));
            return;
        }
        if (header != null && (in.isReadable() || !header.isLocal())) {
            open(context, header, in);
        }
    }

    private void open(ChannelHandlerContext context, ProxyHeader read, ByteBuf in) {
        done = true;
        read.client().ifPresent(client -> context.channel().attr(CLIENT).set(client));
        context.pipeline().addLast(next);
        // From the head on: handlers that TLS needs in front of it stand before this one.
        ByteBuf rest = in.readRetainedSlice(in.readableBytes());
        context.pipeline().remove(this);
        if (rest.isReadable()) {
            context.pipeline().fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        if (begun && header == null) {
            refuse(context, "the connection closed within it");
        }
        done = true;
        super.channelInactive(context);
    }

    /** Balancers end health checks with a reset. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var unused = context.close();
    }

    private void late(ChannelHandlerContext context) {
        if (header == null) {
            refuse(context, "none arrived within " + profile.handshakeTimeout().toMillis() + " ms");
        } else {
            done = true;
            var unused = context.close();
        }
    }

    private void refuse(ChannelHandlerContext context, String why) {
        if (done) {
            return;
        }
        done = true;
        if (context.channel().remoteAddress() instanceof InetSocketAddress balancer) {
            new HandshakeLog(profile.verifier(), profile.audit(), profile.clock())
                    .failed(
                            new ConnectionFacts(Hellos.ownId(), Side.SERVER, balancer, Optional.empty()),
                            new HandshakeFailure.BadProxyHeader(
                                    "an address of proxy-protocol.from has to send one, and " + why
                                            + "; correct the balancer (HAProxy: send-proxy-v2), or the list"));
        }
        var unused = context.close();
    }
}
