// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import io.modelcontextprotocol.spec.McpError;
import java.util.concurrent.TimeoutException;

/**
 * Why a server gave no answer.
 *
 * @param message what went wrong and what to do about it, in a sentence or two
 */
record Failure(Outcome outcome, String message) {

    /** Explains what a connection, the SDK or the server reported. */
    static Failure of(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof TimeoutException) {
                return timedOut();
            }
            if (cause instanceof McpError error) {
                return new Failure(Outcome.BROKEN, "The server reported an error: " + error.getMessage());
            }
        }
        return new Failure(Outcome.BROKEN, String.valueOf(thrown.getMessage()));
    }

    static Failure timedOut() {
        return new Failure(Outcome.TIMED_OUT, "No answer in time. Ask again, or allow more time with --timeout.");
    }
}
