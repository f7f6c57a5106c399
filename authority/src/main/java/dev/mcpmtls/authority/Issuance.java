// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.TrustAnchors;

/**
 * The certificates that a key's owner receives from the authority.
 *
 * @param chain leaf first, then intermediates
 * @param anchors the trust anchors for the owner: more than one during a change of authority
 */
public record Issuance(Chain chain, TrustAnchors anchors) {

    /** The content of {@code tls.crt}. */
    public byte[] chainPem() {
        return Pem.certificates(chain.certificates());
    }

    /** The content of {@code ca.crt}. */
    public byte[] anchorsPem() {
        return Pem.certificates(anchors.certificates());
    }
}
