// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the chains of servers, for clients; a client's chain it refuses. Being an extended trust manager it replaces the JDK's own name
 * check.
 */
public abstract class ServerTrustManager extends X509ExtendedTrustManager {

    /**
     * Returns when the server may be spoken to.
     *
     * @param handshake the session that is being made; null when the client gave neither a socket nor an engine
     */
    protected abstract void check(X509Certificate[] chain, @Nullable SSLSession handshake) throws CertificateException;

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        check(chain, engine == null ? null : engine.getHandshakeSession());
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, null);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw clientsOnly();
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw clientsOnly();
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw clientsOnly();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException clientsOnly() {
        return new CertificateException("cannot verify a client: this context is for clients only");
    }
}
