// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;

/** A certificate that is revoked, or whose status is not known. */
public sealed interface RevocationRejection extends Rejection {

    /**
     * A certificate is revoked by its issuer or listed locally.
     *
     * @param serialNumber of the revoked certificate
     * @param source the CRL's issuer or the deny list's file
     * @param at the time of revocation, if the source has it
     */
    record Revoked(String who, BigInteger serialNumber, String source, Optional<Instant> at)
            implements RevocationRejection {
        @Override
        public Reason reason() {
            return Reason.REVOKED;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " (serial number " + serialNumber.toString(16) + ") was revoked"
                    + at.map(when -> " on " + when).orElse("") + ", says " + source;
        }

        @Override
        public Remedy remedy() {
            return Remedies.rekey(who).then(", unless the revocation was intended");
        }
    }

    /**
     * Revocation is configured, but there is no usable status of a certificate.
     *
     * @param issuer the issuer without a usable, current CRL
     * @param why for example {@code "its CRL expired on …"}
     * @param fetchedFrom the location of the CRL as the certificate names it, when CRLs are fetched
     */
    record RevocationUnknown(String who, String issuer, String why, Optional<URI> fetchedFrom)
            implements RevocationRejection {
        @Override
        public Reason reason() {
            return Reason.REVOCATION_UNKNOWN;
        }

        @Override
        public String explain() {
            return "whether " + issuer + " has revoked the certificate of " + who + " is not known: " + why;
        }

        @Override
        public Remedy remedy() {
            return fetchedFrom
                    .map(location -> Remedy.of(
                            "publish a current CRL of " + issuer + " at " + Printable.clean(location.toString())))
                    .orElseGet(() -> Remedy.of("publish a current CRL of " + issuer + " and list it under ")
                            .then(Setting.REVOCATION_CRL));
        }
    }

    /**
     * A certificate is listed as revoked by a CRL in its issuer's name that is not proved to be the issuer's, and no other CRL
     * clears it. Always refused, because the operator put that CRL there.
     *
     * @param why names the file and its defect
     */
    record ListedWithoutProof(String who, BigInteger serialNumber, String issuer, String why)
            implements RevocationRejection {
        @Override
        public Reason reason() {
            return Reason.REVOCATION_UNKNOWN;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " (serial number " + serialNumber.toString(16)
                    + ") is listed as revoked in the name of " + issuer
                    + ", in a CRL that is neither valid nor safe to ignore: "
                    + why;
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("put the genuine current CRL of " + issuer + " in its place, or take that file out of ")
                    .then(Setting.REVOCATION_CRL);
        }
    }
}
