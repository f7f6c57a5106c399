// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The claims of a verified OAuth 2.0 access token, as rules and the audit log see them. The token itself is not in it. Immutable.
 *
 * @param issuer the authorization server that issued it: its issuer identifier (RFC 8414), a URL
 * @param subject for whom it was issued ({@code sub}, RFC 9068)
 * @param client to which client it was issued ({@code client_id}); empty when it does not say
 * @param scopes its permissions, from the claim of that name in the singular; may be empty
 * @param expiresAt from when on it is refused ({@code exp})
 * @param bound whether it is bound to the certificate of the connection ({@code cnf.x5t#S256}, RFC 8705); an unbound one can be used by every holder
 */
public record AccessToken(
        String issuer, String subject, Optional<String> client, Set<String> scopes, Instant expiresAt, boolean bound) {

    /** Copies the scopes. */
    public AccessToken {
        scopes = Set.copyOf(scopes);
    }
}
