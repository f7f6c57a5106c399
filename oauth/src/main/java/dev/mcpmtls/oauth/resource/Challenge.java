// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import java.util.Collection;
import java.util.List;

/**
 * The value of {@code WWW-Authenticate} (RFC 6750, section 3; RFC 9728, section 5.1) in answers 401 and 403, as the MCP specification has
 * it. Each value is quoted, and characters that cannot stand in it are replaced. Immutable.
 */
public final class Challenge {

    private final String metadataUrl;
    private final List<String> scopes;

    Challenge(String metadataUrl, Collection<String> scopes) {
        this.metadataUrl = metadataUrl;
        this.scopes = scopes.stream().sorted().toList();
    }

    /** The same for a request that needs these scopes. */
    public Challenge withScopes(Collection<String> needed) {
        return new Challenge(metadataUrl, needed);
    }

    /** For a request without a token, with status 401. */
    public String missing() {
        return "Bearer " + parameters();
    }

    /**
     * For a refused token: with status 403 when it lacks a scope, else 401. A token that cannot be verified at present
     * ({@code UNAVAILABLE}) is no fault of the client's and takes status 503, without a challenge.
     */
    public String refused(TokenRefusedException refused) {
        String error = refused.why() == Why.INSUFFICIENT_SCOPE ? "insufficient_scope" : "invalid_token";
        String description = String.valueOf(refused.getMessage());
        return "Bearer error=" + quoted(error) + ", " + parameters() + ", error_description=" + quoted(description);
    }

    private String parameters() {
        String metadata = "resource_metadata=" + quoted(metadataUrl);
        return scopes.isEmpty() ? metadata : metadata + ", scope=" + quoted(String.join(" ", scopes));
    }

    /** A scope-token (RFC 6749, section 3.3). */
    static boolean isScope(String text) {
        return text.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+");
    }

    private static String quoted(String text) {
        return '"' + text.replace('"', '\'').replaceAll("[^\\x20-\\x5b\\x5d-\\x7e]", "?") + '"';
    }
}
