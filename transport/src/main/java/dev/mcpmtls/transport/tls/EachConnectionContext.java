// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * An {@link SSLContext} that makes a fresh one for each connection, with the credential of the moment. So nothing is resumed,
 * and every connection is judged in full: JSSE would not ask the trust manager again, and would resume with the identity of a
 * credential that was replaced.
 */
final class EachConnectionContext extends SSLContextSpi {

    private final TlsProfile profile;
    private final PeerJudge judge;

    private EachConnectionContext(TlsProfile profile) {
        this.profile = profile;
        this.judge = new PeerJudge(Side.CLIENT, profile.verifier(), Optional.empty());
    }

    static SSLContext of(TlsProfile profile) {
        EachConnectionContext spi = new EachConnectionContext(profile);
        return new SSLContext(spi, spi.fresh().getProvider(), "TLS") {};
    }

    private SSLContext fresh() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new CredentialKeyManager(profile.credential())},
                    new TrustManager[] {new RecordingTrustManager(profile, judge)},
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return fresh().createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return fresh().createSSLEngine(host, port);
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        SSLParameters parameters = fresh().getDefaultSSLParameters();
        parameters.setProtocols(profile.minVersion().andNewer().toArray(new String[0]));
        if (!profile.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(profile.cipherSuites().toArray(new String[0]));
        }
        return parameters;
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return fresh().getSupportedSSLParameters();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return fresh().getClientSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return fresh().getServerSessionContext();
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("already initialised");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        throw new UnsupportedOperationException("engines only");
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("engines only");
    }
}
