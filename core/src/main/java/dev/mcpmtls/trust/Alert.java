// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/** The TLS alerts a refusal can put on the wire (RFC 8446, section 6.2). */
public enum Alert {
    /** No shared parameters. */
    HANDSHAKE_FAILURE(40),
    /** A certificate was corrupt or its signature did not verify. */
    BAD_CERTIFICATE(42),
    /** A certificate of a type or purpose that is not supported. */
    UNSUPPORTED_CERTIFICATE(43),
    /** Revoked by its signer. */
    CERTIFICATE_REVOKED(44),
    /** Expired or not currently valid. */
    CERTIFICATE_EXPIRED(45),
    /** Some other issue made the certificate unacceptable. */
    CERTIFICATE_UNKNOWN(46),
    /** No chain to a known trust anchor. */
    UNKNOWN_CA(48),
    /** A valid certificate, but access control refused. */
    ACCESS_DENIED(49),
    /** A handshake signature did not verify. */
    DECRYPT_ERROR(51),
    /** No client certificate where one is required. */
    CERTIFICATE_REQUIRED(116);

    private final int code;

    Alert(int code) {
        this.code = code;
    }

    /** The AlertDescription value, 0 to 255. */
    public int code() {
        return code;
    }

    /** The name as RFC 8446 writes it, for example {@code certificate_required}. */
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
