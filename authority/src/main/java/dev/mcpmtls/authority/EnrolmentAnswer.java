// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.util.Optional;

/** The authority's answer to a machine that asks for a certificate. */
public sealed interface EnrolmentAnswer {

    /**
     * It gets one.
     *
     * @param credential the name that the operator granted
     */
    record Granted(String credential, Issuance issuance) implements EnrolmentAnswer {}

    /**
     * It gets none, and nothing was used up.
     *
     * @param credential the name that it has a claim to; empty when it did not prove one
     * @param why one sentence for its user
     * @param remedy the next step of its user; empty where only another request helps, which {@code why} describes
     */
    record Refused(Cause cause, Optional<String> credential, String why, Optional<String> remedy)
            implements EnrolmentAnswer {}

    /** The causes of refusals; their names are reasons in the audit log. */
    enum Cause {
        /** There is no such invitation, or the secret is not its own. */
        INVITATION_UNKNOWN,
        /** The invitation's time is over. */
        INVITATION_EXPIRED,
        /** Other machines have used the invitation up. */
        INVITATION_USED,
        /** The name was revoked after the invitation or certificate was made. */
        NAME_REVOKED,
        /** The presented certificate was revoked. */
        CERTIFICATE_REVOKED,
        /** The authority did not issue the presented certificate, or has removed the issuer that did. */
        CERTIFICATE_UNKNOWN,
        /** The presented certificate expired longer ago than the grace. */
        CERTIFICATE_EXPIRED,
        /** The request asks for other names than granted, or names a compromised key. */
        REQUEST_REFUSED
    }
}
