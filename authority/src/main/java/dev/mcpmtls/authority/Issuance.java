// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.TrustAnchors;

/**
 * What an owner of a key gets from the authority.
 *
 * @param chain leaf first, then intermediates
 * @param anchors what its holder should trust: more than one during a change of authority
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
