// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.trust.Peer;
import io.netty.handler.ssl.ResumableX509ExtendedTrustManager;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks our verifier, in full handshakes and, because no engine does so by itself, in resumed ones. The accepted peer is left in
 * the session for {@link HandshakeWatch}. Being an extended trust manager it replaces the engine's own name check: the verifier
 * matches names.
 */
final class JudgingTrustManager extends X509ExtendedTrustManager implements ResumableX509ExtendedTrustManager {

    private static final String SESSION_KEY = JudgingTrustManager.class.getName();

    private final PeerJudge judge;
    private final TlsEngine engineKind;

    JudgingTrustManager(PeerJudge judge, TlsEngine engineKind) {
        this.judge = judge;
        this.engineKind = engineKind;
    }

    /** A judgement made during a handshake. */
    record Judged(Peer peer, boolean resumed) {}

    /** The judgement of the handshake that made this session; {@code null} when the engine did not keep it. */
    static @Nullable Judged takeFrom(SSLSession session) {
        Object judged = session.getValue(SESSION_KEY);
        session.removeValue(SESSION_KEY);
        return judged instanceof Judged j ? j : null;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, engine, false);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, engine, false);
    }

    @Override
    public void resumeClientTrusted(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
        judge(chain, engine, true);
    }

    @Override
    public void resumeServerTrusted(X509Certificate[] chain, SSLEngine engine) throws CertificateException {
        judge(chain, engine, true);
    }

    private void judge(X509Certificate[] chain, SSLEngine engine, boolean resumed) throws CertificateException {
        try {
            Peer peer = judge.judge(chain, engine.getPeerHost());
            SSLSession handshake = engine.getHandshakeSession();
            (handshake == null ? engine.getSession() : handshake).putValue(SESSION_KEY, new Judged(peer, resumed));
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
