// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.PeerJudge;
import dev.mcpmtls.trust.TrustPolicy;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ImmediateExecutor;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * The context that Vert.x keeps, in front of the one in force. When the credential or the policy changes, the one in force is replaced as
 * a whole. A handshake in progress keeps the context it began with. Tickets and cached sessions of an earlier credential or policy become
 * invalid with their context.
 */
@SuppressWarnings("ReferenceEquality") // a generation lasts as long as the very objects it was made from
final class LiveSslContext extends SslContext {

    private final TlsProfile profile;
    private final PeerJudge judge;
    private final ContextRecipe recipe;
    private final Consumer<TlsConnection> accepted;
    private volatile Generation generation;

    private record Generation(Credential credential, TrustPolicy policy, SslContext context) {}

    LiveSslContext(TlsProfile profile, PeerJudge judge, ContextRecipe recipe, Consumer<TlsConnection> accepted)
            throws SSLException {
        this.profile = profile;
        this.judge = judge;
        this.recipe = recipe;
        this.accepted = accepted;
        this.generation = make();
    }

    @Override
    protected SslHandler newHandler(
            ByteBufAllocator alloc, String peerHost, int peerPort, boolean startTls, Executor executor) {
        // Netty's own handler is left aside: only its engine is wanted, which differs from what newEngine gives.
        Generation now = current();
        SSLEngine engine = stapled(now, now.context().newHandler(alloc, peerHost, peerPort, executor));
        return new HandshakeWatch(recipe, judge, engine, executor, peerHost, peerPort, accepted);
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator alloc, boolean startTls, Executor executor) {
        Generation now = current();
        SSLEngine engine = stapled(now, now.context().newHandler(alloc, executor));
        return new HandshakeWatch(recipe, judge, engine, executor, null, 0, accepted);
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator alloc, String peerHost, int peerPort, boolean startTls) {
        return newHandler(alloc, peerHost, peerPort, startTls, ImmediateExecutor.INSTANCE);
    }

    @Override
    protected SslHandler newHandler(ByteBufAllocator alloc, boolean startTls) {
        return newHandler(alloc, startTls, ImmediateExecutor.INSTANCE);
    }

    /** The engine copies the response, frees it with itself, and sends it only to a client that asks (RFC 6066, section 8). */
    private SSLEngine stapled(Generation now, SslHandler handler) {
        if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine && recipe.side() == Side.SERVER) {
            profile.staple(now.credential()).ifPresent(response -> engine.setOcspResponse(response.encoded()));
        }
        return handler.engine();
    }

    /** Credential and policy are in force as long as they are the very objects that were there when the context was made. */
    private Generation current() {
        Generation now = generation;
        boolean inForce = now.credential() == profile.credential()
                && now.policy() == judge.verifier().policy();
        if (inForce && profile.resumesSessions()) {
            return now;
        }
        return next(now);
    }

    private synchronized Generation next(Generation last) {
        if (profile.resumesSessions() && generation != last) {
            return generation;
        }
        try {
            generation = make();
        } catch (SSLException e) {
            throw new IllegalStateException("no TLS context for " + profile.credential(), e);
        }
        return generation;
    }

    private Generation make() throws SSLException {
        Credential credential = profile.credential();
        TrustPolicy policy = judge.verifier().policy();
        return new Generation(
                credential, policy, recipe.make(credential, new VerifyingTrustManager(judge, profile.engine())));
    }

    @Override
    public boolean isClient() {
        return generation.context().isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return generation.context().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // the supertype has no other signature
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return generation.context().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator alloc) {
        throw unwatched();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator alloc, @Nullable String peerHost, int peerPort) {
        throw unwatched();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return generation.context().sessionContext();
    }

    private static UnsupportedOperationException unwatched() {
        return new UnsupportedOperationException("a bare engine would escape the handshake's watch");
    }
}
