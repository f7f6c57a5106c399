// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import java.net.URI;

/** A certificate did not come over the network. The message names the authority, the cause and the remedy. */
public abstract sealed class EnrolmentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private EnrolmentException(String message) {
        super(message);
    }

    private EnrolmentException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The authority does not answer; nothing was used up, or the same request can be made again. */
    public static final class Unreachable extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        Unreachable(URI authority, String why, Throwable cause) {
            super(
                    "cannot reach the authority " + authority + ": " + why
                            + "; check that 'mcp-mtls authority serve' runs there, and try again",
                    cause);
        }
    }

    /** The server is not the authority that it should be; nothing secret was sent. */
    public static final class NotTheAuthority extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        NotTheAuthority(String message) {
            super(message);
        }

        NotTheAuthority(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The store has no room for the credential; nothing was asked of the authority. */
    public static final class NoRoom extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        NoRoom(String message) {
            super(message);
        }
    }

    /** The authority refuses. */
    public static final class Refused extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        Refused(URI authority, String why) {
            super("the authority " + authority + " refuses: " + why);
        }
    }

    /** The authority answers something that cannot be used. */
    public static final class UnusableAnswer extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        UnusableAnswer(URI authority, String why) {
            super("cannot use the answer of the authority " + authority + ": " + why);
        }
    }
}
