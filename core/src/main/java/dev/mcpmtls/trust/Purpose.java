// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/** The role whose certificate is being judged. */
public enum Purpose {
    /** A server judges its client: extended key usage {@code id-kp-clientAuth}. */
    CLIENT,
    /** A client judges its server: extended key usage {@code id-kp-serverAuth}, and the name is matched. */
    SERVER
}
