// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment.server;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Accepts every client certificate as a claim. TLS proves possession of its key; the authority decides about it at each request. A refusal
 * therefore reaches the client in words, and an expired certificate can be renewed. For this listener alone.
 */
final class PossessionTrustManager extends X509ExtendedTrustManager {

    private final X509Certificate[] issuers;

    /** Names {@code issuers} to clients, so that they choose the right certificate. */
    PossessionTrustManager(List<X509Certificate> issuers) {
        this.issuers = issuers.toArray(new X509Certificate[0]);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw serversOnly();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw serversOnly();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw serversOnly();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return issuers.clone();
    }

    private static CertificateException serversOnly() {
        return new CertificateException("cannot verify a server: this context is for a server only");
    }
}
