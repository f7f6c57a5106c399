// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/**
 * When a certificate, or a chain, is valid (RFC 5280 section 4.1.2.5).
 *
 * @param start its notBefore
 * @param end its notAfter
 */
public record Lifetime(Instant start, Instant end) {

    /** The lifetime of a chain: from its leaf's start to the end of the certificate that expires first. */
    public static Lifetime of(Chain chain) {
        Instant end = chain.certificates().stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return new Lifetime(chain.leaf().getNotBefore().toInstant(), end);
    }

    /** How much is left; negative after the end. */
    public Duration left(Instant now) {
        return Duration.between(now, end);
    }

    /** When renewal is due: with a third of the lifetime left. */
    public Instant renewalDue() {
        return end.minus(Duration.between(start, end).dividedBy(3));
    }

    /** Whether renewal is overdue: it is due with a third of the lifetime left, and this is half of that. */
    public boolean isRenewalOverdue(Instant now) {
        return left(now).compareTo(Duration.between(start, end).dividedBy(6)) <= 0;
    }
}
