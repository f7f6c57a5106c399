// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.ssl.SslStoreBundle;

/** A credential as an SSL bundle: its stores are those of now, its {@link #createSslContext context} follows the files. */
final class CredentialBundle implements SslBundle {

    private static final String KEY = "key";

    private final TlsProfile profile;
    private final SslStoreBundle stores;

    CredentialBundle(TlsProfile profile) {
        this.profile = profile;
        Credential credential = profile.credential();
        this.stores = SslStoreBundle.of(
                keyStore(credential),
                "",
                trustStore(profile.verifier().policy().anchors().certificates()));
    }

    private static KeyStore keyStore(Credential credential) {
        return filled(store -> store.setKeyEntry(
                KEY,
                credential.privateKey(),
                new char[0],
                credential.chain().certificates().toArray(X509Certificate[]::new)));
    }

    private static KeyStore trustStore(List<X509Certificate> anchors) {
        return filled(store -> {
            for (int i = 0; i < anchors.size(); i++) {
                store.setCertificateEntry("anchor-" + i, anchors.get(i));
            }
        });
    }

    private interface Filling {
        void into(KeyStore store) throws GeneralSecurityException;
    }

    private static KeyStore filled(Filling contents) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            contents.into(store);
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK has PKCS#12 stores in memory", e);
        }
    }

    @Override
    public SslStoreBundle getStores() {
        return stores;
    }

    @Override
    public SslBundleKey getKey() {
        return SslBundleKey.of("", KEY);
    }

    @Override
    public SslOptions getOptions() {
        return SslOptions.NONE;
    }

    @Override
    public String getProtocol() {
        return DEFAULT_PROTOCOL;
    }

    @Override
    public SslManagerBundle getManagers() {
        SslManagerBundle ofStores = SslManagerBundle.from(stores, getKey());
        SslManagerBundle ofProfile = SslManagerBundle.from(profile.trustManager());
        return new SslManagerBundle() {
            @Override
            public KeyManagerFactory getKeyManagerFactory() {
                return ofStores.getKeyManagerFactory();
            }

            @Override
            public TrustManagerFactory getTrustManagerFactory() {
                return ofProfile.getTrustManagerFactory();
            }
        };
    }

    @Override
    public SSLContext createSslContext() {
        return profile.sslContext();
    }
}
