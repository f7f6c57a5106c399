// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.authz.TokenVerifier;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens of OAuth 2.0 that a server takes besides certificates: their verifier, and what clients without a good one are told. The module
 * {@code oauth} has all of it.
 *
 * <pre>{@code
 * ProtectedResource resource = ProtectedResource.builder("https://mcp.example/crm").issuer(issuer).build();
 * Challenge challenge = resource.challenge();
 * AccessTokens tokens = AccessTokens.verifiedBy(TokenVerification.start(resource, InstantSource.system()))
 *         .metadata(resource.metadataPath(), resource.metadata())
 *         .challenges(challenge.missing(), (why, scopes) -> challenge.withScopes(scopes).refused(why))
 *         .required();
 * }</pre>
 *
 * <p>Collects its settings until a server is built with it; not thread-safe until then.
 */
public final class AccessTokens {

    /** RFC 6749, section 3.3. */
    private static final Pattern SCOPE = Pattern.compile("[!#-\\[\\]-~]+");

    private final TokenVerifier verifier;
    private @Nullable String metadataPath;
    private byte[] metadata = {};
    private @Nullable String missing;
    private @Nullable BiFunction<TokenRefusedException, Collection<String>, String> refused;
    private Set<String> scopes = Set.of();
    private boolean required;
    private Duration patience = Duration.ofSeconds(10);

    private AccessTokens(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    /** Tokens that this verifies. {@link #metadata} and {@link #challenges} have no default. */
    public static AccessTokens verifiedBy(TokenVerifier verifier) {
        return new AccessTokens(verifier);
    }

    /**
     * Says where clients get a token (RFC 9728). Every accepted peer may read it, without a token.
     *
     * @param path where it is served, for example {@code /.well-known/oauth-protected-resource/mcp}
     * @param document JSON in UTF-8
     */
    public AccessTokens metadata(String path, byte[] document) {
        this.metadataPath = path;
        this.metadata = document.clone();
        return this;
    }

    /**
     * The values of {@code WWW-Authenticate} (RFC 6750, section 3).
     *
     * @param toNone to a request without a token
     * @param toRefused to one whose token is refused, with the scopes to ask for
     */
    public AccessTokens challenges(
            String toNone, BiFunction<TokenRefusedException, Collection<String>, String> toRefused) {
        this.missing = toNone;
        this.refused = toRefused;
        return this;
    }

    /** The scopes that every token needs; default none. */
    public AccessTokens scopes(Set<String> all) {
        this.scopes = Set.copyOf(all);
        return this;
    }

    /** Refuses requests without a token; by default their certificate alone is enough. */
    public AccessTokens required() {
        this.required = true;
        return this;
    }

    /** How long the verification of one token may take; default 10 seconds. */
    public AccessTokens patience(Duration most) {
        this.patience = most;
        return this;
    }

    /** The verifier. */
    public TokenVerifier verifier() {
        return verifier;
    }

    /**
     * The path of the metadata.
     *
     * @throws NullPointerException when there is none
     */
    public String metadataPath() {
        return Objects.requireNonNull(metadataPath, "access tokens need metadata(path, document)");
    }

    /** The metadata document. */
    public byte[] metadata() {
        return metadata.clone();
    }

    /** The challenge to a request without a token. */
    public String challenge() {
        return Objects.requireNonNull(missing, "access tokens need challenges(…)");
    }

    /** The challenge to a request whose token is refused, and not for its scopes. */
    public String challenge(TokenRefusedException why) {
        return challenge(why, scopes);
    }

    /**
     * The challenge to a request whose token lacks scopes. It names those that the token has, too: the next one replaces it.
     *
     * @param more the scopes that are needed besides {@link #scopes()}
     */
    public String stepUp(String why, Optional<AccessToken> token, Set<String> more) {
        TreeSet<String> all = new TreeSet<>(scopes);
        all.addAll(more);
        token.ifPresent(claims -> all.addAll(claims.scopes()));
        all.removeIf(scope -> !SCOPE.matcher(scope).matches());
        return challenge(new TokenRefusedException(Why.INSUFFICIENT_SCOPE, why, token), all);
    }

    private String challenge(TokenRefusedException why, Collection<String> ask) {
        return Objects.requireNonNull(refused, "access tokens need challenges(…)")
                .apply(why, ask);
    }

    /** The scopes that every token needs. */
    public Set<String> scopes() {
        return scopes;
    }

    /** Whether every request needs a token. */
    public boolean isRequired() {
        return required;
    }

    /** How long the verification of one token may take. */
    public Duration patience() {
        return patience;
    }
}
