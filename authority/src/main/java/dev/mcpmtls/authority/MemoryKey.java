// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.security.PrivateKey;
import java.security.SecureRandom;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A private key in the memory of this process. */
final class MemoryKey implements SigningKey {

    private final PrivateKey key;

    MemoryKey(PrivateKey key) {
        this.key = key;
    }

    @Override
    public ContentSigner signer(String algorithm, SecureRandom random) {
        return Signers.signer(key, algorithm, random);
    }

    /**
     * A class of its own because Java loads a caught exception with the class that catches it: a server that opens the key, and signs
     * nothing yet, loads no BouncyCastle.
     */
    private static final class Signers {

        static ContentSigner signer(PrivateKey key, String algorithm, SecureRandom random) {
            try {
                return new JcaContentSignerBuilder(algorithm)
                        .setSecureRandom(random)
                        .build(key);
            } catch (OperatorCreationException e) {
                throw new IllegalStateException("this Java runtime cannot sign with " + key.getAlgorithm(), e);
            }
        }
    }
}
