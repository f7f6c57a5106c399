// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.security.SecureRandom;
import org.bouncycastle.operator.ContentSigner;

/** A private key of an issuer, here or in a token. */
interface SigningKey {

    /**
     * A signer of one certificate or CRL.
     *
     * @param algorithm in JCA's words
     * @throws AuthorityException.Unavailable here or when it signs, when the key is in a token that cannot be used now
     */
    ContentSigner signer(String algorithm, SecureRandom random);

    /** Checks that it can sign now. */
    default void check() {}
}
