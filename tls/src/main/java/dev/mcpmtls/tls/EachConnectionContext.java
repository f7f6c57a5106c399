// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * An {@link SSLContext} for clients that makes a fresh one for each connection, with the credential of the moment. So nothing is
 * resumed, and every connection is verified in full. On resumption JSSE would not ask the trust manager, and would keep the identity
 * of a credential that was replaced.
 */
final class EachConnectionContext extends SSLContextSpi {

    private final TlsProfile profile;
    private final Optional<Identity> expected;
    private final HandshakeLog log;

    private EachConnectionContext(TlsProfile profile, Optional<Identity> expected) {
        this.profile = profile;
        this.expected = expected;
        this.log = new HandshakeLog(profile.verifier(), profile.audit(), profile.clock());
    }

    /** @param expected the server's identity where it is not the host that is dialled */
    static SSLContext of(TlsProfile profile, Optional<Identity> expected) {
        EachConnectionContext spi = new EachConnectionContext(profile, expected);
        return new SSLContext(spi, spi.fresh().getProvider(), "TLS") {};
    }

    /** A context that presents nothing and trusts no peer, to ask what this platform supports. */
    static SSLContext withoutCredential() {
        return initialised(new KeyManager[0], new TrustManager[0]);
    }

    private SSLContext fresh() {
        return fresh(new Hellos());
    }

    private SSLContext fresh(Hellos hellos) {
        return initialised(
                new KeyManager[] {new CredentialKeyManager(profile.credential())},
                new TrustManager[] {profile.trustManager(expected, hellos)});
    }

    private static SSLContext initialised(KeyManager[] keys, TrustManager[] trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        Hellos hellos = new Hellos();
        return configured(fresh(hellos).createSSLEngine(), hellos);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        Hellos hellos = new Hellos();
        return configured(fresh(hellos).createSSLEngine(host, port), hellos);
    }

    private SSLEngine configured(SSLEngine engine, Hellos hellos) {
        engine.setUseClientMode(true);
        engine.setSSLParameters(engineGetDefaultSSLParameters());
        return new ExplainingEngine(engine, log, hellos);
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return new Sockets();
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
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("for clients only; servers come with mcp-mtls-transport");
    }

    private final class Sockets extends SSLSocketFactory {

        private Socket configured(Socket socket) {
            SSLSocket tls = (SSLSocket) socket;
            tls.setSSLParameters(engineGetDefaultSSLParameters());
            return new ExplainingSocket(tls, log);
        }

        @Override
        public Socket createSocket() throws IOException {
            return configured(fresh().getSocketFactory().createSocket());
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return configured(fresh().getSocketFactory().createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort)
                throws IOException {
            return configured(fresh().getSocketFactory().createSocket(host, port, localHost, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return configured(fresh().getSocketFactory().createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, @Nullable InetAddress localHost, int localPort)
                throws IOException {
            return configured(fresh().getSocketFactory().createSocket(host, port, localHost, localPort));
        }

        @Override
        public Socket createSocket(Socket connected, String host, int port, boolean autoClose) throws IOException {
            return configured(fresh().getSocketFactory().createSocket(connected, host, port, autoClose));
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return engineGetDefaultSSLParameters().getCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return fresh().getSocketFactory().getSupportedCipherSuites();
        }
    }
}
