// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.remedy.Remedy;
import java.util.Optional;

/**
 * A fault of a peer, as evidence. Each variant belongs to one {@link Reason}. Components named {@code who} are the
 * certificate's SPIFFE ID, else its first DNS name, else its subject, safe to print.
 */
public sealed interface Rejection
        permits FormRejection, KeyRejection, PathRejection, UseRejection, RevocationRejection {

    /** The stable code, its rank and its alert. */
    Reason reason();

    /** One sentence with the evidence, for example {@code "the certificate of … expired on 2026-11-21T10:00:00Z"}. */
    String explain();

    /** The remedy, for example to renew the credential. */
    Remedy remedy();

    /** The tolerance that accepts this, if it is one of the faults of form that can be tolerated. */
    default Optional<Tolerance> tolerance() {
        return Optional.empty();
    }
}
