// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Printable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** A strict check that relaxed validation records instead of enforcing. All other checks are always enforced. */
public enum Relaxation {
    /** No chain to a trust anchor is needed. */
    UNTRUSTED_ISSUER("untrusted-issuer"),
    /** Certificates outside their validity are accepted. */
    EXPIRED("expired"),
    /** A server may present a certificate for other names; applies to clients only. */
    HOSTNAME("hostname"),
    /** Extended key usage and CA-ness of the leaf are not enforced. */
    PURPOSE("purpose"),
    /** A trust anchor may vouch for names beyond its binding; only when named. */
    ISSUER_NOT_ALLOWED("issuer-not-allowed");

    private final String text;

    Relaxation(String text) {
        this.text = text;
    }

    /** The word users write, for example {@code untrusted-issuer}. */
    public String text() {
        return text;
    }

    /** Whether this relaxation turns a finding of this reason into a record. */
    public boolean covers(Reason reason) {
        return switch (this) {
            case UNTRUSTED_ISSUER -> reason == Reason.UNTRUSTED_ISSUER;
            case EXPIRED -> reason == Reason.EXPIRED || reason == Reason.NOT_YET_VALID;
            case HOSTNAME -> reason == Reason.NAME_MISMATCH;
            case PURPOSE -> reason == Reason.WRONG_PURPOSE;
            case ISSUER_NOT_ALLOWED -> reason == Reason.ISSUER_NOT_ALLOWED_FOR_NAME;
        };
    }

    /** The meaning of the bare word {@code relaxed}: all but {@link #ISSUER_NOT_ALLOWED}. */
    public static Set<Relaxation> all() {
        return EnumSet.complementOf(EnumSet.of(ISSUER_NOT_ALLOWED));
    }

    /**
     * Parses the word users write.
     *
     * @throws IllegalArgumentException when there is no such relaxation; the message lists them
     */
    public static Relaxation parse(String text) {
        for (Relaxation relaxation : values()) {
            if (relaxation.text.equals(text)) {
                return relaxation;
            }
        }
        String known = Arrays.stream(values()).map(Relaxation::text).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("no relaxation " + Printable.quote(text) + "; there are: " + known);
    }
}
