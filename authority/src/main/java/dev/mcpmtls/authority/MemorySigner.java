// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.security.PrivateKey;
import java.security.SecureRandom;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs with a key in the memory of this process. A class of its own because Java loads a caught exception with the class that catches
 * it: a server that opens its authority's key and signs nothing yet loads no BouncyCastle.
 */
final class MemorySigner {

    private MemorySigner() {}

    static ContentSigner of(PrivateKey key, String algorithm, SecureRandom random) {
        try {
            return new JcaContentSignerBuilder(algorithm).setSecureRandom(random).build(key);
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("this Java runtime cannot sign with " + key.getAlgorithm(), e);
        }
    }
}
