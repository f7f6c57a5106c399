// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Rejection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpClientConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose handshake is complete and whose peer was accepted, in a full handshake or again in a resumed one.
 * Thread-safe.
 */
public final class TlsConnection {

    static final AttributeKey<TlsConnection> KEY = AttributeKey.valueOf(TlsConnection.class.getName());

    private final TlsProfile profile;
    private final Channel channel;
    private final Peer peer;
    private final ConnectionFacts facts;
    private final Optional<String> group;
    private final CompletionStage<Void> recorded;
    private final AtomicBoolean lapsed = new AtomicBoolean();
    private volatile @Nullable String refusal;
    private long heard;

    TlsConnection(
            TlsProfile profile,
            Channel channel,
            Peer peer,
            ConnectionFacts facts,
            Optional<String> group,
            CompletionStage<Void> recorded) {
        this.profile = profile;
        this.channel = channel;
        this.peer = peer;
        this.facts = facts;
        this.group = group;
        this.recorded = recorded;
    }

    /** The connection under Vert.x's; empty when its peer was not accepted: such a connection must not be served. */
    public static Optional<TlsConnection> of(HttpConnection connection) {
        Channel channel = null;
        if (connection instanceof ConnectionBase base) {
            channel = base.channel();
        } else if (connection instanceof HttpClientConnection client) {
            channel = client.channelHandlerContext().channel();
        }
        return channel == null
                ? Optional.empty()
                : Optional.ofNullable(channel.attr(KEY).get());
    }

    /** The accepted peer at the other end. */
    public Peer peer() {
        return peer;
    }

    /** The connection as the audit log describes it. */
    public ConnectionFacts facts() {
        return facts;
    }

    /** The negotiated key exchange group, for example {@code X25519MLKEM768}; empty when the engine does not report it. */
    public Optional<String> group() {
        return group;
    }

    /** Completes as the audit sink's record of the acceptance does; wait for it before the first answer. */
    public CompletionStage<Void> recorded() {
        return recorded;
    }

    /**
     * Whether the peer's verdict still stands; to be asked at each request, at the cost of a few comparisons. When it no
     * longer stands the connection is closed and the lapse recorded, and nothing more may be served on it.
     */
    public boolean stands() {
        return recheck().isEmpty();
    }

    /** As {@link #stands}, with what has become wrong with the peer; empty while its verdict stands. */
    public Optional<Rejection> recheck() {
        Optional<Rejection> rejection = profile.verifier().recheck(peer);
        rejection.ifPresent(this::lapse);
        return rejection;
    }

    /**
     * Has a client's close_notify wait until the requests before it are answered, on HTTP/1.1; on the event loop of a connection that has
     * not been read from. HTTP/2 needs the client's window updates and ends with GOAWAY, so there a close_notify ends the connection.
     */
    public void answerBeforeClosure() {
        CloseNotifyDelay delay = channel.pipeline().get(CloseNotifyDelay.class);
        ChannelHandlerContext http = channel.pipeline().lastContext();
        if (delay != null && http != null) {
            AnswersOwed owed = new AnswersOwed(delay::reconsider);
            channel.pipeline().addBefore(http.name(), null, owed);
            delay.delayWhile(owed::any);
        }
    }

    /** Grows whenever something arrives from the peer; on the connection's event loop. */
    public long heard() {
        return heard;
    }

    void hears() {
        heard++;
    }

    /** The fatal alert the peer sent after the handshake: in TLS 1.3 a server judges its client's certificate only then. */
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    void refusedBy(String alert) {
        refusal = alert;
    }

    /** Closes the connection without waiting for what a peer that does not read keeps from being written. */
    public void abort() {
        // From the first handler on, past those that flush before they close.
        ChannelHandlerContext first = channel.pipeline().firstContext();
        var unused = first == null ? channel.close() : first.close();
    }

    /** As {@link #abort}, and has the system forget what the peer has not read instead of offering it for minutes; on its event loop. */
    public void reset() {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            abort();
        }
    }

    void close() {
        // However it ends, the channel is closed.
        var unused = channel.close();
    }

    private void lapse(Rejection rejection) {
        if (lapsed.compareAndSet(false, true)) {
            profile.audit().record(new AuditEvent.PeerLapsed(profile.clock().instant(), facts, peer, rejection));
        }
        close();
    }
}
