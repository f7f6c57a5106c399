// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.HashMap;
import java.util.Map;

/** Determines which key signed a certificate. It answers each question once, and only a limited number of them. */
final class Links {

    private record Link(ParsedCertificate child, ParsedCertificate issuer) {}

    /** More than any honest chain needs; with this many, the JDK's slowest accepted key still needs less than a second. */
    private static final int MAX_SIGNATURES = 64;

    private final Map<Link, Boolean> answers = new HashMap<>();

    /** Whether {@code child} carries the signature of {@code issuer}'s key; false, too, when the budget is spent. */
    boolean isSigned(ParsedCertificate child, ParsedCertificate issuer) {
        Boolean known = answers.get(new Link(child, issuer));
        if (known != null) {
            return known;
        }
        if (answers.size() >= MAX_SIGNATURES) {
            return false;
        }
        boolean signed = child.isSignedBy(issuer);
        answers.put(new Link(child, issuer), signed);
        return signed;
    }
}
