// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

/** The security log cannot be written; under the default {@code on-failure: deny} nothing is served until it can. */
public final class AuditUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Names the file and what to do. */
    public AuditUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
