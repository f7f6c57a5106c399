// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.handshake.PeerJudge;
import dev.mcpmtls.tls.handshake.RefusedPeerException;
import dev.mcpmtls.trust.Alert;
import dev.mcpmtls.trust.Peer;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.CertificateVerifier;
import io.netty.internal.tcnative.SSL;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks our verifier in full handshakes, and leaves the accepted peer in the session for {@link HandshakeWatch}. Being an extended trust manager it replaces the engine's own name check: the verifier
 * matches names.
 */
final class VerifyingTrustManager extends X509ExtendedTrustManager {

    private static final String SESSION_KEY = VerifyingTrustManager.class.getName();

    // The JDK's clients read 32 KiB; BoringSSL writes two tickets into 64 KiB, or closes the connection when they do
    // not fit.
    private static final int LARGEST_TICKET = 16 * 1024;
    private static final String LARGE = SESSION_KEY + ".large";

    private final PeerJudge judge;
    private final TlsEngine engineKind;

    VerifyingTrustManager(PeerJudge judge, TlsEngine engineKind) {
        this.judge = judge;
        this.engineKind = engineKind;
    }

    /** The peer verified in the handshake that made this session; empty when it was resumed. */
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
            SSLSession session = handshake == null ? engine.getSession() : handshake;
            session.putValue(SESSION_KEY, peer);
            if (judge.side() == Side.SERVER) {
                limitTickets(engine, session, peer);
            }
        } catch (RefusedPeerException refused) {
            throw engineKind == TlsEngine.BORINGSSL ? forBoringSsl(refused) : refused;
        }
    }

    private static CertificateException forBoringSsl(RefusedPeerException refused) {
        Alert alert = refused.findings().get(0).reason().alert();
        return new OpenSslCertificateException(refused.getMessage(), refused, verifyError(alert));
    }

    /** The verify error that BoringSSL's SSL_alert_from_verify_result turns into the alert. */
    private static int verifyError(Alert alert) {
        return switch (alert) {
            case BAD_CERTIFICATE -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
            case UNSUPPORTED_CERTIFICATE -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
            case CERTIFICATE_REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
            case CERTIFICATE_EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            case UNKNOWN_CA -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
            case DECRYPT_ERROR -> CertificateVerifier.X509_V_ERR_CERT_SIGNATURE_FAILURE;
            case HANDSHAKE_FAILURE -> CertificateVerifier.X509_V_ERR_APPLICATION_VERIFICATION;
            // The engine has no alerts of their own for these.
            case CERTIFICATE_UNKNOWN, ACCESS_DENIED, CERTIFICATE_REQUIRED ->
                CertificateVerifier.X509_V_ERR_SUBJECT_ISSUER_MISMATCH;
        };
    }

    /**
     * Has a server send no ticket that would be too large. A ticket of BoringSSL holds the client's chain: without, each connection
     * is a full handshake. One of the JDK's holds both chains, unless something is bound to the session: then it names an entry of
     * the server's cache.
     */
    private void limitTickets(SSLEngine engine, SSLSession session, Peer client) {
        int bytes = size(client.chain().certificates().toArray(new Certificate[0]));
        if (engine instanceof ReferenceCountedOpenSslEngine boring) {
            if (bytes > LARGEST_TICKET) {
                SSL.setOptions(boring.sslPointer(), SSL.SSL_OP_NO_TICKET);
            }
        } else if (bytes + size(session.getLocalCertificates()) > LARGEST_TICKET) {
            session.putValue(LARGE, bytes);
        }
    }

    private static int size(Certificate @Nullable [] chain) {
        int bytes = 0;
        try {
            for (Certificate certificate : chain == null ? new Certificate[0] : chain) {
                bytes += certificate.getEncoded().length;
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("parsed from its encoding", e);
        }
        return bytes;
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
