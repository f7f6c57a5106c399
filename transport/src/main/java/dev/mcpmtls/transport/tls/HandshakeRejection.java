// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;

/** A refusal that the TLS engine made before there was a chain to verify. */
record HandshakeRejection(Reason reason, String explain, String remedy) implements Rejection {

    /**
     * The refusal for {@code reason}.
     *
     * @param detail the engine's own words; may be empty
     */
    static HandshakeRejection of(Reason reason, String detail) {
        String more = detail.isEmpty() ? "" : " (" + Printable.clean(detail) + ")";
        if (reason == Reason.NO_CERTIFICATE) {
            return new HandshakeRejection(
                    reason,
                    "the peer presented no certificate" + more,
                    "configure a credential that this side's trust anchors vouch for");
        }
        if (reason == Reason.PROOF_OF_POSSESSION_FAILED) {
            return new HandshakeRejection(
                    reason,
                    "the peer did not prove that it holds its certificate's private key" + more,
                    "check that its tls.key belongs to its tls.crt");
        }
        return new HandshakeRejection(
                reason,
                "what the peer presented is not a usable X.509 certificate" + more,
                "issue its certificate anew");
    }
}
