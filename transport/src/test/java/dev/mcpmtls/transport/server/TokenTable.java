// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.authz.TokenVerifier;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import dev.mcpmtls.trust.Peer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A verifier with a table of tokens, each bound to the identity of one agent. A token that begins with {@code slow} is verified when the test says
 * so.
 */
final class TokenTable implements TokenVerifier {

    static final String ISSUER = "https://login.test";
    static final String METADATA = "/.well-known/oauth-protected-resource/mcp";
    static final String DOCUMENT = "{\"resource\":\"https://localhost:8443/mcp\"}";
    static final String CHALLENGE = "Bearer resource_metadata=\"https://localhost:8443" + METADATA + '"';

    private final Map<String, Entry> tokens = new ConcurrentHashMap<>();
    final Queue<CompletableFuture<AccessToken>> slow = new ConcurrentLinkedQueue<>();

    private record Entry(String agent, AccessToken claims) {}

    /** Issues a token for a subject, bound to that agent's certificate. */
    TokenTable issue(String token, String agent, String subject, String... scopes) {
        return issue(token, agent, subject, Duration.ofHours(1), scopes);
    }

    TokenTable issue(String token, String agent, String subject, Duration life, String... scopes) {
        tokens.put(token, new Entry(agent, claims(subject, life, scopes)));
        return this;
    }

    static AccessToken claims(String subject, Duration life, String... scopes) {
        return new AccessToken(
                ISSUER,
                subject,
                Optional.of("planner"),
                Set.of(scopes),
                Instant.now().plus(life),
                true);
    }

    void revoke(String token) {
        tokens.remove(token);
    }

    /** The settings of a server that takes these tokens. */
    AccessTokens taken() {
        return AccessTokens.verifiedBy(this)
                .metadata(METADATA, DOCUMENT.getBytes(StandardCharsets.UTF_8))
                .challenges(CHALLENGE, TokenTable::challenge);
    }

    private static String challenge(TokenRefusedException refused, Collection<String> scopes) {
        return CHALLENGE + " " + refused.why() + " " + scopes;
    }

    @Override
    public CompletionStage<AccessToken> verify(String token, Peer peer) {
        if (token.startsWith("slow")) {
            CompletableFuture<AccessToken> later = new CompletableFuture<>();
            slow.add(later);
            return later;
        }
        if (token.equals("broken")) {
            throw new IllegalStateException("secret of the verifier");
        }
        if (token.equals("unavailable")) {
            return refuse(Why.UNAVAILABLE, "the keys of the issuer are not there; try again later", Optional.empty());
        }
        Entry entry = tokens.get(token);
        if (entry == null) {
            return refuse(Why.INVALID, "the access token is not known; get a \"new\" one", Optional.empty());
        }
        if (!peer.identity().text().endsWith("/" + entry.agent)) {
            return refuse(Why.WRONG_BINDING, "it is bound to another certificate", Optional.of(entry.claims));
        }
        return CompletableFuture.completedFuture(entry.claims);
    }

    /** The thumbprint of a certificate that a test recognises. */
    static String thumbprint() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString("0123".getBytes(StandardCharsets.US_ASCII));
    }

    private static CompletionStage<AccessToken> refuse(Why why, String message, Optional<AccessToken> claims) {
        return CompletableFuture.failedFuture(
                new TokenRefusedException(why, message, claims, claims.map(bound -> thumbprint())));
    }
}
