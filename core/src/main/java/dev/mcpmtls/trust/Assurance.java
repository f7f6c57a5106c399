// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/** How a peer's identity came to be believed. */
public enum Assurance {
    /** Every strict check passed: a trust anchor vouches for the name. */
    VERIFIED,
    /** The key matches a pin. */
    PINNED,
    /** Let in by a relaxation: the name is what the certificate says, and nothing vouches for it. */
    CLAIMED
}
