// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.token;

import java.util.Map;

/** An access token, as a client presents it to the server that it is for, and to no other. Its {@code toString} does not have the token. */
public interface Authorization {

    /**
     * The headers for one request: {@code Authorization}, and for a token that is bound to a key (RFC 9449) a {@code DPoP} proof of its own.
     * May sign, must not block.
     *
     * @param method of HTTP, for example {@code POST}
     */
    Map<String, String> headers(String method);
}
