// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/** The grounds for a peer's identity. */
public enum Assurance {
    /** Every strict check passed: a trust anchor vouches for the name. */
    VERIFIED,
    /** The key matches a pin. */
    PINNED,
    /** Accepted by a relaxation: the name is the certificate's own claim, and no trust anchor vouches for it. */
    CLAIMED
}
