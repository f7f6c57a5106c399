// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

/**
 * A key, certificate or trust-anchor file cannot be used. The message names the file, its defect and the remedy; it never holds
 * key material.
 */
public final class UnusableCredentialException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A finding with its remedy, for example {@code "tls.key does not belong to tls.crt: …"}. */
    public UnusableCredentialException(String message) {
        super(message);
    }

    /** As above, with the cause. */
    public UnusableCredentialException(String message, Throwable cause) {
        super(message, cause);
    }
}
