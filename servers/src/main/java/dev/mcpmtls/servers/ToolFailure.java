// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

/**
 * The caller asked for something that cannot be answered. The message goes to the caller as it is: one or two sentences that
 * say what is wrong and what would be right.
 */
public final class ToolFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A failure with a message for the caller. */
    public ToolFailure(String message) {
        super(message);
    }

    /** A failure with a message for the caller, and what caused it for our own log. */
    public ToolFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
