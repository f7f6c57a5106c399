// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import java.util.Optional;

/**
 * An access token is refused. Its message says why and what mends it, in words that may go to the peer; neither it nor anything else here
 * has a part of the token.
 */
public final class TokenRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why: the audit log has it in lower case. */
    public enum Why {
        /** It is not a token of the form that the server takes, is too large, or its signature is not good. */
        INVALID,
        /** Its time is over, or has not begun. */
        EXPIRED,
        /** No issuer that the server trusts has issued it. */
        WRONG_ISSUER,
        /** It is for another resource (RFC 8707). */
        WRONG_AUDIENCE,
        /** It is bound to another certificate than the connection's (RFC 8705), or to none where one is wanted. */
        WRONG_BINDING,
        /** Its issuer has revoked it (RFC 7662). */
        REVOKED,
        /** It lacks a scope. */
        INSUFFICIENT_SCOPE,
        /** The issuer's keys, or its answer about the token, are not there: the same token may be good later. */
        UNAVAILABLE
    }

    private final Why why;
    private final transient Optional<AccessToken> token;
    private final transient Optional<String> boundTo;

    /** A refusal of a token whose claims cannot be believed. */
    public TokenRefusedException(Why why, String message) {
        this(why, message, Optional.empty());
    }

    /** @param token its claims, when its issuer vouched for them */
    public TokenRefusedException(Why why, String message, Optional<AccessToken> token) {
        this(why, message, token, Optional.empty());
    }

    /**
     * @param token its claims, when its issuer vouched for them
     * @param boundTo the certificate that it is bound to, as its {@code cnf.x5t#S256} has it: SHA-256 in base64url; empty when it is bound to none
     */
    public TokenRefusedException(Why why, String message, Optional<AccessToken> token, Optional<String> boundTo) {
        super(message, null, false, false);
        this.why = why;
        this.token = token;
        this.boundTo = boundTo;
    }

    /** Why. */
    public Why why() {
        return why;
    }

    /** The token's claims, when its issuer vouched for them. */
    public Optional<AccessToken> token() {
        return token;
    }

    /** The certificate that it is bound to, as its {@code cnf.x5t#S256} has it; for the audit log. */
    public Optional<String> boundTo() {
        return boundTo;
    }
}
