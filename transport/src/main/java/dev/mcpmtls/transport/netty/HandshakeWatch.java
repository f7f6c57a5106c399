// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import dev.mcpmtls.tls.handshake.PeerJudge;
import dev.mcpmtls.tls.handshake.RefusedPeerException;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Purpose;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Follows one handshake to its end, records how it ended, and turns a completed one into a {@link TlsConnection}. */
final class HandshakeWatch extends SslHandler {

    /** Why the peer of a resumed handshake was refused. */
    static final AttributeKey<Throwable> REFUSAL = AttributeKey.valueOf(HandshakeWatch.class.getName());

    // Vert.x would read into buffers as large as the system's own; requests are small, and one TLS record is as much as
    // is needed.
    private static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(512, 2 * 1024, 16 * 1024).maxMessagesPerRead(4);

    private final TlsProfile profile;
    private final HandshakeLog log;
    private final List<String> applicationProtocols;
    private final PeerJudge judge;
    private final @Nullable String host;
    private final int port;
    private final Consumer<TlsConnection> accepted;
    private final LingeringClose lingeringClose = new LingeringClose(this::isBroken);
    private final CloseNotifyDelay closeNotify = new CloseNotifyDelay(() -> actualReadableBytes() == 0);
    private final HelloListener hellos = new HelloListener();
    private Optional<InetSocketAddress> balancer = Optional.empty();
    private Optional<InetSocketAddress> proxied = Optional.empty();
    private @Nullable HandshakeFailure refusal;
    private @Nullable TlsConnection connection;
    private boolean broken;
    private boolean isConnected;

    /**
     * Watches the handshake of {@code engine}.
     *
     * @param host the other end: a client's address, or the name that is dialled
     * @param accepted is given the connection when its peer was accepted
     */
    HandshakeWatch(
            ContextRecipe recipe,
            PeerJudge judge,
            SSLEngine engine,
            Executor executor,
            @Nullable String host,
            int port,
            Consumer<TlsConnection> accepted) {
        super(engine, executor);
        this.profile = recipe.profile();
        this.log = new HandshakeLog(profile.verifier(), profile.audit(), profile.clock());
        this.applicationProtocols = recipe.applicationProtocols();
        this.judge = judge;
        this.host = host;
        this.port = port;
        this.accepted = accepted;
        handshakeFuture().addListener(this::ended);
    }

    /**
     * A random 80 to 95 % of the limit for each client of a server. A silent crowd that came at once is then not disconnected all at once,
     * and a busy event loop still keeps the limit when it is late.
     */
    @Override
    public void setHandshakeTimeoutMillis(long limit) {
        super.setHandshakeTimeoutMillis(
                judge.side() == Side.SERVER
                        ? (long) Math.ceil(limit * ThreadLocalRandom.current().nextDouble(0.8, 0.95))
                        : limit);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
        context.pipeline()
                .addBefore(context.name(), null, hellos)
                .addBefore(context.name(), null, lingeringClose)
                .addAfter(context.name(), null, new AcceptedPeerGuard());
        if (judge.side() == Side.SERVER) {
            proxied = Optional.ofNullable(
                    context.channel().attr(ProxyHeaderGate.CLIENT).get());
            balancer =
                    proxied.map(client -> (InetSocketAddress) context.channel().remoteAddress());
            HandshakeQueue queue = new HandshakeQueue();
            context.pipeline().addFirst(queue);
            if (!applicationProtocols.isEmpty()) {
                context.pipeline()
                        .addBefore(
                                context.name(), null, new ApplicationProtocolGuard(applicationProtocols, this::refuse));
            }
            handshakeFuture().addListener(ended -> queue.ended(ended.isSuccess()));
            context.pipeline().addBefore(context.name(), null, closeNotify);
        }
        isConnected = context.channel().isActive();
        super.handlerAdded(context);
        context.channel().config().setRecvByteBufAllocator(READS);
        if (judge.side() == Side.SERVER
                && context.channel().remoteAddress() instanceof InetSocketAddress remote
                && remote.getAddress() != null) {
            count(context, proxied.orElse(remote).getAddress());
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        isConnected = true;
        super.channelActive(context);
    }

    private void count(ChannelHandlerContext context, InetAddress client) {
        if (profile.handshakes().enter(client)) {
            handshakeFuture().addListener(ended -> profile.handshakes().leave(client));
        } else {
            var unused = context.close();
        }
    }

    /**
     * Notes the alert by which a TLS 1.3 server refuses a client that already believes it is connected (RFC 8446, section
     * 4.4.2.4). Ends a connection whose peer has sent unreadable records (section 5.2). Done here because Vert.x's client
     * removes every other handler.
     */
    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws SSLException {
        if (connection != null) {
            connection.hears();
        }
        try {
            super.decode(context, in, out);
            endIfFailed(context);
            if (!in.isReadable()) {
                closeNotify.reconsider();
            }
            closeIfPeerHas(context);
        } catch (SSLException e) {
            if (connection != null && !broken) {
                broken = true;
                broke(connection, e);
            }
            throw e;
        }
    }

    /** JSSE keeps our direction open in TLS 1.3. A server has answered all it will by then. */
    private void closeIfPeerHas(ChannelHandlerContext context) {
        if (connection != null
                && judge.side() == Side.SERVER
                && engine().isInboundDone()
                && sslCloseFuture().isDone()) {
            var unused = context.channel().close();
        }
    }

    private void broke(TlsConnection established, SSLException thrown) {
        if (NettyFailure.of(thrown) instanceof HandshakeFailure.RefusedByPeer refused) {
            established.refusedBy(refused.alert());
            log.failed(established.facts(), refused);
        } else {
            log.failed(established.facts(), HandshakeFailure.UnreadableRecord.of(thrown));
        }
    }

    /** Once the handshake is complete Netty sends BoringSSL's alert, if there is room for it, and leaves the connection open. */
    private void endIfFailed(ChannelHandlerContext context) throws SSLException {
        if (connection == null
                || !(engine() instanceof ReferenceCountedOpenSslEngine boring)
                || !PendingRecords.hasFailed(boring)) {
            return;
        }
        try {
            PendingRecords.takeAlert(boring, context);
        } finally {
            context.flush();
            var unused = context.close();
        }
    }

    /** Whether the connection ends because what the peer has sent could not be read. */
    private boolean isBroken() {
        return connection != null
                && engine().isInboundDone()
                && !sslCloseFuture().isDone();
    }

    /** The handshake ends before the engine has begun it. */
    private void refuse(HandshakeFailure failure) {
        refusal = failure;
        lingeringClose.refuse();
    }

    private void ended(Future<? super Channel> handshake) {
        if (!handshake.isSuccess() && !isConnected) {
            return; // the connection failed, so there was no handshake
        }
        if (!handshake.isSuccess()) {
            HandshakeFailure failure = refusal == null ? failure(handshake.cause()) : refusal;
            if (judge.side() == Side.SERVER && isTold(failure)) {
                lingeringClose.refuse();
            }
            log.failed(facts(remote(), Optional.empty()), failure);
            return;
        }
        Channel channel = (Channel) handshake.getNow();
        try {
            completed(channel);
        } catch (RuntimeException e) {
            channel.attr(REFUSAL).set(e);
            var unused = channel.close();
            log.failed(facts(remote(), Optional.empty()), NettyFailure.of(e));
        }
    }

    /** Whether the client is sent why, in TLS or in HTTP. */
    private boolean isTold(HandshakeFailure failure) {
        return failure instanceof HandshakeFailure.PeerRefused
                || (failure instanceof HandshakeFailure.NotTls && hellos.answerPlainHttp());
    }

    /** Makes the connection usable, on both full and resumed handshakes only with a peer verified by the policy in force. */
    private void completed(Channel channel) {
        SSLSession session = engine().getSession();
        // In a resumed handshake no engine asks the trust manager: there is no peer yet.
        Optional<Peer> judged = VerifyingTrustManager.takeFrom(session);
        ConnectionFacts facts = facts(
                (InetSocketAddress) channel.remoteAddress(),
                Optional.of(
                        new ConnectionFacts.Tls(session.getProtocol(), session.getCipherSuite(), judged.isEmpty())));
        try {
            Peer peer = judged.isPresent() ? judged.get() : judge.judge(session.getPeerCertificates(), host);
            CompletionStage<Void> recorded = log.accepted(facts, peer);
            connection = new TlsConnection(profile, channel, peer, facts, group(engine()), recorded);
            channel.attr(TlsConnection.KEY).set(connection);
            OpenConnections.add(connection, channel);
            takeTickets(channel);
            accepted.accept(connection);
        } catch (RefusedPeerException | SSLException refused) {
            channel.attr(REFUSAL).set(refused);
            var unused = channel.close();
            log.failed(facts, NettyFailure.of(refused));
        }
    }

    private HandshakeFailure failure(Throwable thrown) {
        HandshakeFailure failure = NettyFailure.of(thrown, role());
        return failure instanceof HandshakeFailure.NotTls && hellos.isProxyHeader()
                ? new HandshakeFailure.BadProxyHeader(
                        "the address that sent it is not in proxy-protocol.from; add it if it is a balancer's of yours")
                : failure;
    }

    private Purpose role() {
        return judge.side() == Side.SERVER ? Purpose.CLIENT : Purpose.SERVER;
    }

    private void takeTickets(Channel channel) throws SSLException {
        if (judge.side() == Side.SERVER && engine() instanceof ReferenceCountedOpenSslEngine boring) {
            PendingRecords.takeTickets(boring, channel.pipeline().context(this));
        }
    }

    private ConnectionFacts facts(InetSocketAddress remote, Optional<ConnectionFacts.Tls> tls) {
        return new ConnectionFacts(
                hellos.connectionId().orElseGet(Hellos::ownId), judge.side(), proxied.orElse(remote), tls, balancer);
    }

    private InetSocketAddress remote() {
        // Netty wrote it, perhaps with a zone, which IpAddress does not take.
        InetAddress address = host == null ? null : NetUtil.createInetAddressFromIpAddressString(host);
        return address == null
                ? InetSocketAddress.createUnresolved(String.valueOf(host), Math.max(port, 0))
                : new InetSocketAddress(address, port);
    }

    private static Optional<String> group(SSLEngine engine) {
        if (engine instanceof ReferenceCountedOpenSslEngine boring) {
            try {
                return Optional.ofNullable(SSL.getGroupName(boring.sslPointer()));
            } catch (Exception notKnown) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }
}
