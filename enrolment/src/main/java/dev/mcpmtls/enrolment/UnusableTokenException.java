// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

/** A text that is no whole token. The message does not quote it. */
public final class UnusableTokenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnusableTokenException(String message) {
        super(message);
    }
}
