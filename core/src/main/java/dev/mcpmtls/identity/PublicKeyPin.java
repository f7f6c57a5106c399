// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.security.PublicKey;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The SHA-256 of a key's SubjectPublicKeyInfo, the pin of RFC 7469 section 2.4. It stays the same over renewals that keep the
 * key.
 *
 * @param text {@code sha256/} followed by 44 characters of padded base64
 */
public record PublicKeyPin(String text) implements Identity {

    private static final Pattern FORM = Pattern.compile("sha256/[A-Za-z0-9+/]{43}=");

    /** Checks the form. */
    public PublicKeyPin {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "not a public-key pin (sha256/<base64 of 32 bytes>): " + Printable.quote(text));
        }
    }

    /** The pin of a key. */
    public static PublicKeyPin of(PublicKey key) {
        return new PublicKeyPin("sha256/" + Base64.getEncoder().encodeToString(Sha256.of(key.getEncoded())));
    }

    /**
     * Parses a pin.
     *
     * @throws IllegalArgumentException when the text is not a pin; the message names the text
     */
    public static PublicKeyPin parse(String text) {
        return new PublicKeyPin(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
