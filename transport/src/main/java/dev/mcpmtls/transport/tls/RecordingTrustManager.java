// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.trust.Peer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges servers for {@code java.net.http}, where nothing but the trust manager sees a handshake; so it keeps the record too.
 * Being an extended trust manager it replaces the engine's own name check: the verifier matches names.
 */
final class RecordingTrustManager extends X509ExtendedTrustManager {

    private final TlsProfile profile;
    private final PeerJudge judge;

    RecordingTrustManager(TlsProfile profile, PeerJudge judge) {
        this.profile = profile;
        this.judge = judge;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        if (engine == null) {
            throw unsupported();
        }
        ConnectionFacts facts = new ConnectionFacts(
                Hellos.ownId(),
                Side.CLIENT,
                InetSocketAddress.createUnresolved(engine.getPeerHost(), Math.max(engine.getPeerPort(), 0)),
                Optional.empty());
        try {
            Peer peer = judge.judge(chain, engine.getPeerHost());
            profile.audit()
                    .record(new AuditEvent.TlsAccepted(
                            profile.clock().instant(),
                            facts,
                            profile.verifier().policy().validation(),
                            peer));
        } catch (RefusedPeerException refused) {
            profile.audit()
                    .record(new AuditEvent.TlsRejected(
                            profile.clock().instant(),
                            facts,
                            profile.verifier().policy().validation(),
                            refused.presented(),
                            refused.findings()));
            throw refused;
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.advertisedIssuers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw unsupported();
    }

    private static CertificateException unsupported() {
        return new CertificateException("only a client's engines are judged: without one the dialled name is unknown");
    }
}
