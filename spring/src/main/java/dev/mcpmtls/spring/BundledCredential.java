// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.TrustAnchors;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** The contents of an SSL bundle: a key with its chain, and certificate authorities. */
record BundledCredential(Credential credential, TrustAnchors anchors) {

    /** @throws MtlsSetupException when the bundle lacks one of the two, or its stores cannot be read */
    static BundledCredential of(String name, SslBundle bundle) {
        try {
            KeyStore keys = required(name, bundle.getStores().getKeyStore(), "key");
            KeyStore trusted = required(name, bundle.getStores().getTrustStore(), "trust");
            String alias = alias(name, keys, bundle.getKey().getAlias());
            PrivateKey key = (PrivateKey) keys.getKey(alias, password(bundle));
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : keys.getCertificateChain(alias)) {
                chain.add((X509Certificate) certificate);
            }
            return new BundledCredential(Credential.of(name, key, new Chain(chain)), anchors(name, trusted));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new MtlsSetupException(
                    "cannot use the SSL bundle '" + name + "': " + e.getMessage(),
                    "Correct spring.ssl.bundle: the key, its certificates and its password.",
                    e);
        }
    }

    private static KeyStore required(String name, @Nullable KeyStore store, String kind) {
        if (store == null) {
            throw new MtlsSetupException(
                    "the SSL bundle '" + name + "' has no " + kind + " store; mutual TLS needs both",
                    "Add the " + kind + " store to spring.ssl.bundle….'" + name + "'.");
        }
        return store;
    }

    private static String alias(String name, KeyStore keys, @Nullable String configured)
            throws GeneralSecurityException {
        if (configured != null && keys.isKeyEntry(configured)) {
            return configured;
        }
        List<String> entries = new ArrayList<>();
        for (String alias : Collections.list(keys.aliases())) {
            if (keys.isKeyEntry(alias)) {
                entries.add(alias);
            }
        }
        if (configured == null && entries.size() == 1) {
            return entries.get(0);
        }
        throw new MtlsSetupException(
                "the SSL bundle '" + name + "' has " + Printable.count(entries.size(), "key")
                        + (configured == null ? "" : ", and none with the alias '" + configured + "'"),
                "Name one of its keys in spring.ssl.bundle….'" + name + "'.key.alias.");
    }

    private static char @Nullable [] password(SslBundle bundle) {
        String password = bundle.getKey().getPassword();
        if (password == null) {
            password = bundle.getStores().getKeyStorePassword();
        }
        return password == null ? null : password.toCharArray();
    }

    private static TrustAnchors anchors(String name, KeyStore trusted) throws GeneralSecurityException {
        List<X509Certificate> anchors = new ArrayList<>();
        for (String alias : Collections.list(trusted.aliases())) {
            if (trusted.isCertificateEntry(alias) && trusted.getCertificate(alias) instanceof X509Certificate anchor) {
                anchors.add(anchor);
            }
        }
        if (anchors.isEmpty()) {
            throw new MtlsSetupException(
                    "the trust store of the SSL bundle '" + name + "' holds no certificate",
                    "Add the certificate of the authority that signs your peers.");
        }
        return new TrustAnchors(anchors);
    }
}
