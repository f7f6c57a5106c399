// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.authority.NetworkRenewal;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.RemediedException;
import dev.mcpmtls.remedy.Remedy;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A certificate did not come over the network. The message names the authority, the cause and the remedy. */
public abstract sealed class EnrolmentException extends RemediedException {

    private static final long serialVersionUID = 1L;

    private EnrolmentException(String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
    }

    /** The authority does not answer; nothing was used up, or the same request can be made again. */
    public static final class Unreachable extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        Unreachable(URI authority, String why, @Nullable Throwable cause) {
            super(
                    "cannot reach the authority " + authority + ": " + why,
                    "check that it is served there, and try again",
                    cause);
        }
    }

    /** The authority has not decided yet (RFC 7030, section 4.2.3); the same request can be made again. */
    public static final class Undecided extends EnrolmentException implements NetworkRenewal.Deferred {
        private static final long serialVersionUID = 1L;

        private final Duration atLeast;

        Undecided(URI authority, Duration atLeast) {
            super(
                    "the authority " + authority + " has not decided yet",
                    "try again in " + Printable.count(atLeast.toSeconds(), "second"),
                    null);
            this.atLeast = atLeast;
        }

        @Override
        public Duration atLeast() {
            return atLeast;
        }
    }

    /** The server is not the authority that it should be; nothing secret was sent. */
    public static final class NotTheAuthority extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        NotTheAuthority(String problem, String remedy) {
            super(problem, remedy, null);
        }

        NotTheAuthority(String problem, Throwable cause) {
            super(problem, null, cause);
        }
    }

    /** The store has no room for the credential; nothing was asked of the authority. */
    public static final class NoRoom extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        NoRoom(String problem, Remedy remedy) {
            super(problem, remedy.text(), null);
        }
    }

    /** The authority refuses. */
    public static final class Refused extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        Refused(URI authority, String why, @Nullable String remedy) {
            super("the authority " + authority + " refuses: " + why, remedy, null);
        }
    }

    /** The authority answers something that cannot be used. */
    public static final class UnusableAnswer extends EnrolmentException {
        private static final long serialVersionUID = 1L;

        UnusableAnswer(URI authority, String why) {
            super("cannot use the answer of the authority " + authority + ": " + why, null, null);
        }
    }
}
