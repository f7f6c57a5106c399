// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Printable;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The reason of a revocation.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-5.3.1">RFC 5280, section 5.3.1</a>
 */
public enum RevocationReason {
    /** No reason given; the entry then carries no reason code, as the RFC asks. */
    UNSPECIFIED("unspecified", 0),
    /** Others have, or may have, the key: the authority never certifies it again. */
    KEY_COMPROMISE("key-compromise", 1),
    /** The names or the role have changed. */
    AFFILIATION_CHANGED("affiliation-changed", 3),
    /** Another certificate has taken its place. */
    SUPERSEDED("superseded", 4),
    /** No longer needed. */
    CESSATION_OF_OPERATION("cessation-of-operation", 5),
    /** The owner may no longer do what the certificate says. */
    PRIVILEGE_WITHDRAWN("privilege-withdrawn", 9);

    private final String text;
    private final int code;

    RevocationReason(String text, int code) {
        this.text = text;
        this.code = code;
    }

    /** The word users write, for example {@code key-compromise}. */
    public String text() {
        return text;
    }

    /** The CRLReason value. */
    public int code() {
        return code;
    }

    /**
     * Parses the word users write.
     *
     * @throws IllegalArgumentException when there is no such reason; the message lists them
     */
    public static RevocationReason parse(String text) {
        for (RevocationReason reason : values()) {
            if (reason.text.equals(text)) {
                return reason;
            }
        }
        String known = Arrays.stream(values()).map(RevocationReason::text).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("no revocation reason " + Printable.quote(text) + "; there are: " + known);
    }
}
