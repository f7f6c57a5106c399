// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/**
 * The reasons to refuse a peer, most serious first; the declaration order ranks several findings. The names are the stable
 * codes of the audit log.
 */
public enum Reason {
    /** The peer presented no certificate. */
    NO_CERTIFICATE(Alert.CERTIFICATE_REQUIRED),
    /** The presented data are not an X.509 certificate, or exceed the bounds on a chain. */
    MALFORMED_CERTIFICATE(Alert.BAD_CERTIFICATE),
    /** The peer could not prove that it holds the leaf's private key. */
    PROOF_OF_POSSESSION_FAILED(Alert.DECRYPT_ERROR),
    /** A certificate that claims an available issuer does not carry that issuer's signature. */
    BAD_SIGNATURE(Alert.BAD_CERTIFICATE),
    /** The leaf or an issuer was revoked, or is on the deny list. */
    REVOKED(Alert.CERTIFICATE_REVOKED),
    /** The key is not one of the pinned keys. */
    PIN_MISMATCH(Alert.CERTIFICATE_UNKNOWN),
    /** A key below the floor, anywhere in the chain. */
    WEAK_KEY(Alert.BAD_CERTIFICATE),
    /** A signature algorithm below the floor, anywhere in the chain. */
    WEAK_SIGNATURE(Alert.BAD_CERTIFICATE),
    /** An unknown critical extension. */
    UNHANDLED_CRITICAL_EXTENSION(Alert.UNSUPPORTED_CERTIFICATE),
    /** An issuer is not allowed that many certificates below it. */
    PATH_TOO_LONG(Alert.BAD_CERTIFICATE),
    /** A name outside an issuer's constraints. */
    NAME_CONSTRAINT_VIOLATED(Alert.BAD_CERTIFICATE),
    /** A name for which the trust anchor may not vouch. */
    ISSUER_NOT_ALLOWED_FOR_NAME(Alert.BAD_CERTIFICATE),
    /** All our own checks pass, but the Java platform's validator objects; it also processes certificate policies. */
    INVALID_PATH(Alert.BAD_CERTIFICATE),
    /** No chain leads to a trust anchor. */
    UNTRUSTED_ISSUER(Alert.UNKNOWN_CA),
    /** A certificate for another role, or a certification authority's own certificate used as a leaf. */
    WRONG_PURPOSE(Alert.UNSUPPORTED_CERTIFICATE),
    /** An expired certificate: past notAfter. */
    EXPIRED(Alert.CERTIFICATE_EXPIRED),
    /** A certificate that is not yet valid: before notBefore. */
    NOT_YET_VALID(Alert.CERTIFICATE_EXPIRED),
    /** The server's certificate is for other names. */
    NAME_MISMATCH(Alert.CERTIFICATE_UNKNOWN),
    /** Revocation is configured, and this certificate's status is unknown. */
    REVOCATION_UNKNOWN(Alert.CERTIFICATE_UNKNOWN);

    private final Alert alert;

    Reason(Alert alert) {
        this.alert = alert;
    }

    /** The alert for a refusal with this reason. */
    public Alert alert() {
        return alert;
    }
}
