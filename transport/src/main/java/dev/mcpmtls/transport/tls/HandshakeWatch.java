// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.trust.Peer;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Follows one handshake to its end, records how it ended, and turns a completed one into a {@link TlsConnection}. */
final class HandshakeWatch {

    private final TlsProfile profile;
    private final PeerJudge judge;
    private final SslHandler handler;
    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final @Nullable String host;
    private final int port;

    private HandshakeWatch(TlsProfile profile, PeerJudge judge, SslHandler handler, @Nullable String host, int port) {
        this.profile = profile;
        this.judge = judge;
        this.handler = handler;
        this.host = host;
        this.port = port;
    }

    /** Watches {@code handler}, whose other end is {@code host} (a client's address or the dialled name). */
    static SslHandler over(SslHandler handler, TlsProfile profile, PeerJudge judge, @Nullable String host, int port) {
        HandshakeWatch watch = new HandshakeWatch(profile, judge, handler, host, port);
        handler.handshakeFuture().addListener(watch::ended);
        return handler;
    }

    static String newId() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    private void ended(Future<? super Channel> handshake) {
        if (!handshake.isSuccess()) {
            failed(HandshakeFailure.of(handshake.cause()), facts(remote(), Optional.empty()));
            return;
        }
        Channel channel = (Channel) handshake.getNow();
        try {
            completed(channel);
        } catch (RuntimeException e) {
            var unused = channel.close();
            failed(HandshakeFailure.of(e), facts(remote(), Optional.empty()));
        }
    }

    /** Makes the connection usable, on both full and resumed handshakes only with a peer judged by the policy in force. */
    private void completed(Channel channel) {
        SSLEngine engine = handler.engine();
        SSLSession session = engine.getSession();
        JudgingTrustManager.Judged judged = JudgingTrustManager.takeFrom(session);
        boolean resumed = judged != null && judged.resumed();
        ConnectionFacts facts = facts(
                (InetSocketAddress) channel.remoteAddress(),
                Optional.of(new ConnectionFacts.Tls(session.getProtocol(), session.getCipherSuite(), resumed)));
        try {
            Peer peer = judged != null ? judged.peer() : judge.judge(session.getPeerCertificates(), host);
            CompletionStage<Void> recorded = profile.audit()
                    .record(new AuditEvent.TlsAccepted(
                            profile.clock().instant(),
                            facts,
                            profile.verifier().policy().validation(),
                            peer));
            TlsConnection connection = new TlsConnection(profile, channel, peer, facts, group(engine), recorded);
            channel.attr(TlsConnection.KEY).set(connection);
            profile.open().add(connection, channel);
            if (judge.side() == Side.CLIENT) {
                LateRefusal.watch(channel, handler, connection, profile);
            }
        } catch (RefusedPeerException | SSLPeerUnverifiedException refused) {
            var unused = channel.close();
            failed(HandshakeFailure.of(refused), facts);
        }
    }

    private void failed(HandshakeFailure failure, ConnectionFacts facts) {
        profile.audit().record(event(failure, facts));
    }

    private AuditEvent event(HandshakeFailure failure, ConnectionFacts facts) {
        if (failure instanceof HandshakeFailure.PeerRefused refused) {
            return new AuditEvent.TlsRejected(
                    profile.clock().instant(),
                    facts,
                    profile.verifier().policy().validation(),
                    refused.presented(),
                    refused.findings());
        }
        return new AuditEvent.HandshakeFailed(profile.clock().instant(), facts, failure.reason(), failure.why());
    }

    private ConnectionFacts facts(InetSocketAddress remote, Optional<ConnectionFacts.Tls> tls) {
        return new ConnectionFacts(id, judge.side(), remote, tls);
    }

    private InetSocketAddress remote() {
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
