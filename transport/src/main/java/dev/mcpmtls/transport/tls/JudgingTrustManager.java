// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.trust.Peer;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Asks our verifier in full handshakes, and leaves the accepted peer in the session for {@link HandshakeWatch}. Being an extended trust manager it replaces the engine's own name check: the verifier
 * matches names.
 */
final class JudgingTrustManager extends X509ExtendedTrustManager {

    private static final String SESSION_KEY = JudgingTrustManager.class.getName();

    private final PeerJudge judge;
    private final TlsEngine engineKind;

    JudgingTrustManager(PeerJudge judge, TlsEngine engineKind) {
        this.judge = judge;
        this.engineKind = engineKind;
    }

    /** The peer judged in the handshake that made this session; empty when it was resumed. */
    static Optional<Peer> takeFrom(SSLSession session) {
        Object judged = session.getValue(SESSION_KEY);
        session.removeValue(SESSION_KEY);
        return judged instanceof Peer peer ? Optional.of(peer) : Optional.empty();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, engine);
    }

    private void judge(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
        try {
            Peer peer = judge.judge(chain, engine.getPeerHost());
            SSLSession handshake = engine.getHandshakeSession();
            (handshake == null ? engine.getSession() : handshake).putValue(SESSION_KEY, peer);
        } catch (RefusedPeerException refused) {
            throw refused.forEngine(engineKind);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.advertisedIssuers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw unsupported();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw unsupported();
    }

    private static CertificateException unsupported() {
        return new CertificateException("only engines are judged: without one the dialled name is unknown");
    }
}
