// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import java.security.SecureRandom;
import java.util.Base64;

/** Names that cannot be guessed. */
public final class SessionIds {

    private static final SecureRandom RANDOM = new SecureRandom();

    private SessionIds() {}

    /** The next one. */
    public static String next() {
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
