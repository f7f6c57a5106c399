// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import java.util.Map;

/** The most likely meaning of a peer's alert for the side that receives it (RFC 8446, section 6.2). */
final class AlertMeaning {

    private static final Map<String, String> MEANINGS = Map.ofEntries(
            Map.entry("certificate_required", "it demands a certificate and got none; configure a credential"),
            Map.entry(
                    "bad_certificate",
                    "it found our certificate, or our authority's, malformed, too weak or missing, or our authority may not vouch for our"
                            + " name there (its 'for' in tls.trust-anchors); issue a new one, or, where only"
                            + " the authority's basic constraints are not critical, have its operator set tls.tolerate:"
                            + " [plain-basic-constraints]"),
            Map.entry("unsupported_certificate", "our certificate is not made for this role; issue one for it"),
            Map.entry("certificate_revoked", "our certificate was revoked; ask the operator of our authority"),
            Map.entry("certificate_expired", "our certificate is outside its validity; renew it and check both clocks"),
            Map.entry("certificate_unknown", "it did not accept our certificate or its name"),
            Map.entry(
                    "unknown_ca",
                    "none of its trust anchors vouches for our certificate; have one of its authorities issue it, or, where it comes"
                            + " from one but lacks key identifiers, have its operator set tls.tolerate: [no-key-identifiers]"),
            Map.entry("access_denied", "our certificate is valid, but it does not let us in; ask its operator"),
            Map.entry("decrypt_error", "our signature did not verify; check that tls.key belongs to tls.crt"),
            Map.entry("protocol_version", "it speaks none of our TLS versions; compare min-version on both sides"),
            Map.entry("no_application_protocol", "it is no HTTP server; check address and port"),
            Map.entry("handshake_failure", "it shares no parameters with us, or (in TLS 1.2) got no certificate"));

    private AlertMeaning() {}

    static String of(String alert) {
        return MEANINGS.getOrDefault(alert, "it gives no further reason");
    }
}
