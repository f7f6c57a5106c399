// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A good certificate, used for another role, at another time or under another name. */
public sealed interface UseRejection extends Rejection {

    /**
     * A certificate for another role.
     *
     * @param purpose the role for which it was verified
     * @param found for example {@code "its extended key usage is serverAuth"}
     */
    record WrongPurpose(String who, Purpose purpose, String found) implements UseRejection {
        @Override
        public Reason reason() {
            return Reason.WRONG_PURPOSE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " may not be used as a TLS " + purpose.text() + ": " + found;
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("present a certificate with the extended key usage " + purpose.keyUsageName())
                    .by(purpose == Purpose.SERVER ? Verb.ISSUE_FOR_SERVER : Verb.ISSUE_FOR_CLIENT);
        }
    }

    /** An expired certificate: past notAfter. */
    record Expired(String who, Instant notAfter, Instant checkedAt) implements UseRejection {
        @Override
        public Reason reason() {
            return Reason.EXPIRED;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " expired on " + notAfter + " (now "
                    + checkedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
        }

        @Override
        public Remedy remedy() {
            return Remedies.renew(who);
        }
    }

    /** A certificate that is not yet valid: before notBefore. */
    record NotYetValid(String who, Instant notBefore, Instant checkedAt) implements UseRejection {
        @Override
        public Reason reason() {
            return Reason.NOT_YET_VALID;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " is not valid before " + notBefore + " (now "
                    + checkedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("set both clocks, or wait until " + notBefore);
        }
    }

    /**
     * A server whose certificate does not have the expected name.
     *
     * @param expected the name that the client connects to
     * @param presented the certificate's names, each with its kind
     */
    record NameMismatch(String expected, List<String> presented) implements UseRejection {

        /** Copies the list. */
        public NameMismatch {
            presented = List.copyOf(presented);
        }

        @Override
        public Reason reason() {
            return Reason.NAME_MISMATCH;
        }

        @Override
        public String explain() {
            return "the server's certificate is for " + presented + ", not for " + expected;
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("connect by one of those names, or issue the server a certificate for " + expected);
        }
    }
}
