// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** An access token, with what is needed to use it and to get the next one. Not printed. */
public final class Token {

    private final String value;
    private final String issuer;
    private final String resource;
    private final Set<String> scopes;
    private final Instant issuedAt;
    private final Optional<Instant> expiresAt;
    private final Optional<String> refreshToken;
    private final Optional<String> certificate;
    private final Optional<String> proofKey;

    /**
     * A token.
     *
     * @param issuer of the token
     * @param resource for which it was issued (RFC 8707)
     * @param scopes that were asked for
     * @param expiresAt empty when the authorization server did not say
     * @param certificate SHA-256 digest of the certificate that it is bound to, in hexadecimal digits; empty when it is not
     * @param proofKey that it is bound to, as a JWK; empty when it is not
     */
    public Token(
            String value,
            String issuer,
            String resource,
            Set<String> scopes,
            Instant issuedAt,
            Optional<Instant> expiresAt,
            Optional<String> refreshToken,
            Optional<String> certificate,
            Optional<String> proofKey) {
        this.value = value;
        this.issuer = issuer;
        this.resource = resource;
        this.scopes = Set.copyOf(scopes);
        this.issuedAt = issuedAt;
        this.expiresAt = expiresAt;
        this.refreshToken = refreshToken;
        this.certificate = certificate;
        this.proofKey = proofKey;
    }

    /** The token itself, for its resource alone. */
    public String value() {
        return value;
    }

    /** Its issuer. */
    public String issuer() {
        return issuer;
    }

    /** The resource that it was issued for. */
    public String resource() {
        return resource;
    }

    /** The scopes that were asked for. */
    public Set<String> scopes() {
        return scopes;
    }

    /** When it was issued. */
    public Instant issuedAt() {
        return issuedAt;
    }

    /** When it expires, if that is known. */
    public Optional<Instant> expiresAt() {
        return expiresAt;
    }

    /** With which to get the next one. */
    public Optional<String> refreshToken() {
        return refreshToken;
    }

    /** The certificate that it is bound to. */
    public Optional<String> certificate() {
        return certificate;
    }

    /** The key that it is bound to. */
    public Optional<String> proofKey() {
        return proofKey;
    }

    @Override
    public String toString() {
        return "a token of " + issuer + " for " + resource;
    }
}
