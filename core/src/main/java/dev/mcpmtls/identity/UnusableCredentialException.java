// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.remedy.Remedy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key, certificate or trust-anchor file cannot be used. The message names the file, its defect and the remedy; it never holds
 * key material.
 */
public final class UnusableCredentialException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient @Nullable Remedy remedy;

    /** A finding with its remedy, for example {@code "tls.key does not belong to tls.crt: …"}. */
    public UnusableCredentialException(String message) {
        super(message);
        this.remedy = null;
    }

    /** As above, with the cause. */
    public UnusableCredentialException(String message, Throwable cause) {
        super(message, cause);
        this.remedy = null;
    }

    /** A finding, and its remedy as data. */
    public UnusableCredentialException(String finding, Remedy remedy) {
        super(finding + "; " + remedy);
        this.remedy = remedy;
    }

    /** As above, with the cause. */
    public UnusableCredentialException(String finding, Remedy remedy, Throwable cause) {
        super(finding + "; " + remedy, cause);
        this.remedy = remedy;
    }

    /** The remedy as data, where it is more than words. */
    public Optional<Remedy> remedy() {
        return Optional.ofNullable(remedy);
    }
}
