// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

/**
 * The caller asked for something that cannot be answered. The message goes to the caller unchanged: one or two sentences that
 * name the fault and a valid form.
 */
public final class ToolFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** A failure with a message for the caller. */
    public ToolFailure(String message) {
        super(message);
    }

    /** A failure with a message for the caller, and its cause for our own log. */
    public ToolFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
