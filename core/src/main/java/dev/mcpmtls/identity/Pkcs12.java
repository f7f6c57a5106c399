// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The one key and chain of a PKCS#12 file (RFC 7292). */
final class Pkcs12 {

    private Pkcs12() {}

    /** A key and its chain. A record suffices, because it never leaves this package. */
    static final class Entry {
        private final PrivateKey privateKey;
        private final Chain chain;

        Entry(PrivateKey privateKey, Chain chain) {
            this.privateKey = privateKey;
            this.chain = chain;
        }

        PrivateKey privateKey() {
            return privateKey;
        }

        Chain chain() {
            return chain;
        }
    }

    static Entry parse(Path file, byte[] contents, char[] passphrase) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(contents), passphrase);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.size() != 1) {
                throw new UnusableCredentialException(
                        file + " holds " + keys.size() + " private keys; expected exactly one");
            }
            return entry(file, store, keys.get(0), passphrase);
        } catch (IOException | GeneralSecurityException e) {
            throw new UnusableCredentialException(
                    file
                            + " cannot be opened as PKCS#12; check its passphrase (tls.key-passphrase-file), or give a directory with tls.crt and tls.key",
                    e);
        }
    }

    private static Entry entry(Path file, KeyStore store, String alias, char[] passphrase)
            throws GeneralSecurityException {
        Key key = store.getKey(alias, passphrase);
        Certificate[] certificates = store.getCertificateChain(alias);
        if (!(key instanceof PrivateKey privateKey) || certificates == null || certificates.length == 0) {
            throw new UnusableCredentialException(file + " holds a key without its certificate; export both together");
        }
        List<byte[]> encodings = new ArrayList<>();
        for (Certificate certificate : certificates) {
            encodings.add(certificate.getEncoded());
        }
        return new Entry(privateKey, Chain.parse(encodings));
    }
}
