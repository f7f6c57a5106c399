// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.probe;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.TrustAnchors;
import java.io.IOException;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS as most Java programs have it: the JDK's own checks of the server, and none of ours. It stands for such programs in
 * demonstrations; nothing that matters is sent over it.
 */
public final class PlainTls {

    private static final char[] NO_PASSWORD = new char[0];

    private final SSLContext context;

    /**
     * A client that trusts {@code anchors}.
     *
     * @param own presented when the server asks; empty for a client that has none
     */
    public PlainTls(TrustAnchors anchors, Optional<Credential> own) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(keyStore(own), NO_PASSWORD);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(keyStore(anchors));
            context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    private static KeyStore keyStore(Optional<Credential> own) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        if (own.isPresent()) {
            store.setKeyEntry(
                    "own",
                    own.get().privateKey(),
                    NO_PASSWORD,
                    own.get().chain().certificates().toArray(Certificate[]::new));
        }
        return store;
    }

    private static KeyStore keyStore(TrustAnchors anchors) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        for (X509Certificate anchor : anchors.certificates()) {
            store.setCertificateEntry(String.valueOf(store.size()), anchor);
        }
        return store;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    /**
     * Puts it under a client of {@code java.net.http}.
     *
     * @return {@code client}
     */
    public HttpClient.Builder secure(HttpClient.Builder client) {
        return client.sslContext(context);
    }

    /** A TCP connection; the handshake is still to come. */
    public SSLSocket connect(String host, int port) throws IOException {
        return (SSLSocket) context.getSocketFactory().createSocket(host, port);
    }
}
