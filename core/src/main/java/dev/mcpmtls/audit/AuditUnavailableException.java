// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

/** The audit log cannot be written; with the default {@code on-failure: deny} nothing is served until it can. */
public final class AuditUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A failure whose message names the file and the remedy. */
    public AuditUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
