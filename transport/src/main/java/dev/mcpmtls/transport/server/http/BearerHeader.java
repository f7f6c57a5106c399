// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the access token of a request: from the Authorization header (RFC 6750, section 2.1), and from no other place. */
final class BearerHeader {

    static final int MAX_LENGTH = 8 * 1024;

    private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)");

    private BearerHeader() {}

    /**
     * The token.
     *
     * @param value of the header
     * @throws TokenRefusedException when it is not one well-formed bearer token
     */
    static String token(String value) throws TokenRefusedException {
        if (value.length() > MAX_LENGTH) {
            throw invalid("the Authorization header is longer than " + MAX_LENGTH + " characters; use a shorter token");
        }
        Matcher bearer = BEARER.matcher(value);
        if (!bearer.matches()) {
            throw invalid("the Authorization header is not 'Bearer' and one access token; other schemes are not taken");
        }
        return bearer.group(1);
    }

    private static TokenRefusedException invalid(String message) {
        return new TokenRefusedException(Why.INVALID, message);
    }
}
