// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.PeerJudge;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A full mutual handshake between two engines in memory, both sides' work together: two signatures, two checks of a signature,
 * two key generations and two agreements. {@code openssl speed ecdsap256 ecdhx25519} gives the bare cost of these.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HandshakeBenchmark {

    /** The TLS engine. */
    @Param({"BORINGSSL", "JDK"})
    public TlsEngine engine = TlsEngine.AUTO;

    /** The key exchange; the JDK's engine chooses its own. */
    @Param({"X25519", "X25519MLKEM768"})
    public String group = "";

    @SuppressWarnings("NullAway.Init") // made by the set-up, once the parameters are known
    private SslContext server;

    @SuppressWarnings("NullAway.Init")
    private SslContext client;

    /** One authority, two credentials, strict on both sides. */
    @Setup
    public void prepare() throws SSLException {
        ThrowawayCa ca = ThrowawayCa.root("bench");
        server = context(ca, Side.SERVER, ca.server("server"));
        client = context(ca, Side.CLIENT, ca.client("client"));
    }

    private SslContext context(ThrowawayCa ca, Side side, Issued issued) throws SSLException {
        Credential credential = Credential.of("bench", issued.privateKey(), new Chain(issued.chain()));
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
        TlsProfile profile = TlsProfile.builder(CredentialSource.fixed(credential), verifier)
                .engine(engine)
                .groups(List.of(group))
                .build();
        PeerJudge judge = new PeerJudge(side, verifier, Optional.empty());
        return new ContextRecipe(side, profile, List.of())
                .make(credential, new VerifyingTrustManager(judge, profile.engine()));
    }

    /** The cost of one connection. */
    @Benchmark
    public String handshake() throws SSLException {
        SSLEngine ours = server.newEngine(ByteBufAllocator.DEFAULT);
        SSLEngine theirs = client.newEngine(ByteBufAllocator.DEFAULT, "localhost", 8443);
        try {
            ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
            ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
            ours.beginHandshake();
            theirs.beginHandshake();
            while (isShaking(ours) || isShaking(theirs)) {
                step(theirs, toClient, toServer);
                step(ours, toServer, toClient);
            }
            return ours.getSession().getProtocol();
        } finally {
            ReferenceCountUtil.release(ours);
            ReferenceCountUtil.release(theirs);
        }
    }

    private static boolean isShaking(SSLEngine engine) {
        return engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING
                && engine.getHandshakeStatus() != HandshakeStatus.FINISHED;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            }
            case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
            default -> {
                in.flip(); // an empty unwrap too: it lets BoringSSL go on after a task
                engine.unwrap(in, ByteBuffer.allocate(1 << 15));
                in.compact();
            }
        }
    }
}
