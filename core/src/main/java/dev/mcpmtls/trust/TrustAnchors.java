// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The certificates where verification starts.
 *
 * @param certificates may be empty only for relaxed and pinned policies
 */
public record TrustAnchors(List<X509Certificate> certificates) {

    /** Copies the list. */
    public TrustAnchors {
        certificates = List.copyOf(certificates);
    }
}
