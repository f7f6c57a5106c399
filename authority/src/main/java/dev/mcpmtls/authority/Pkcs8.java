// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.IOException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Private keys as PKCS#8 that others can read as well. */
final class Pkcs8 {

    private Pkcs8() {}

    /** Adds the public key to an elliptic curve's key. RFC 5915 asks for it and GnuTLS and others need it, but Java omits it. */
    static PrivateKeyInfo of(PrivateKey key, PublicKey publicKey) {
        PrivateKeyInfo encoded = PrivateKeyInfo.getInstance(key.getEncoded());
        if (!(publicKey instanceof ECPublicKey ec)) {
            return encoded;
        }
        try {
            ECPrivateKey bare = ECPrivateKey.getInstance(encoded.parsePrivateKey());
            ECPrivateKey whole = new ECPrivateKey(
                    ec.getParams().getOrder().bitLength(),
                    bare.getKey(),
                    SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()).getPublicKeyData(),
                    null);
            return new PrivateKeyInfo(encoded.getPrivateKeyAlgorithm(), whole);
        } catch (IOException e) {
            throw new IllegalStateException("a key of ours can be encoded", e);
        }
    }

    /** DER; the caller wipes it. */
    static byte[] encode(PrivateKey key, PublicKey publicKey) {
        try {
            return of(key, publicKey).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("a key of ours can be encoded", e);
        }
    }
}
