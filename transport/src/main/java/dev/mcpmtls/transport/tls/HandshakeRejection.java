// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;

/** A refusal that the TLS engine made before there was a chain to verify. */
final class HandshakeRejection {

    private HandshakeRejection() {}

    /**
     * The refusal for {@code reason}.
     *
     * @param detail the engine's own words; may be empty
     */
    static Rejection of(Reason reason, String detail) {
        if (reason == Reason.NO_CERTIFICATE) {
            return new Rejection.NoCertificate();
        }
        if (reason == Reason.PROOF_OF_POSSESSION_FAILED) {
            return new Rejection.ProofOfPossessionFailed("the peer");
        }
        return new Rejection.MalformedCertificate(
                "the peer", detail.isEmpty() ? "it is not a usable X.509 certificate" : Printable.clean(detail));
    }
}
