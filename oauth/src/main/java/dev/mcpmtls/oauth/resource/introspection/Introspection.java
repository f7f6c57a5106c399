// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.introspection;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.oauth.resource.fetch.FetchFailedException;
import dev.mcpmtls.oauth.resource.fetch.JsonFetch;
import dev.mcpmtls.oauth.resource.keys.IssuerMetadata;
import dev.mcpmtls.oauth.resource.token.Claims;
import dev.mcpmtls.oauth.resource.token.TokenDigest;
import dev.mcpmtls.oauth.resource.token.TokenMemory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an issuer whether it still stands by a token (RFC 7662). An answer is remembered for ten seconds, and no longer than the token is
 * valid. At most 64 questions are in flight, 16 of them for one identity. Thread-safe; blocks no caller.
 */
public final class Introspection {

    private static final Logger LOG = LoggerFactory.getLogger(Introspection.class);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MAX_IN_FLIGHT = 64;
    private static final int MAX_PER_IDENTITY = 16;

    private final String issuer;
    private final IntrospectionClient client;
    private final IntrospectionEndpoint endpoint;
    private final JsonFetch fetch;
    private final Executor background;
    private final InstantSource clock;
    private final TokenMemory<Optional<Claims>> answers;
    private final Map<TokenDigest, CompletableFuture<Optional<Claims>>> inFlight = new ConcurrentHashMap<>();
    private final AtomicReference<String> complaint = new AtomicReference<>("");
    private final Map<Identity, Integer> perIdentity = new ConcurrentHashMap<>();

    /** Asks nothing yet. */
    public Introspection(
            String issuer, IntrospectionClient client, JsonFetch fetch, Executor background, InstantSource clock) {
        this.issuer = issuer;
        this.client = client;
        this.endpoint = new IntrospectionEndpoint(client, new IssuerMetadata(issuer, fetch), clock);
        this.fetch = fetch;
        this.background = background;
        this.clock = clock;
        this.answers = new TokenMemory<>(clock);
    }

    /**
     * The claims of a token that is active.
     *
     * @param asking the peer that presents it
     * @param signed its claims, when its signature was verified; they count, and the issuer says only whether it is active
     * @return fails with {@link TokenRefusedException}: {@code REVOKED}, {@code UNAVAILABLE}, or what is wrong with the answer's claims
     */
    public CompletableFuture<Claims> active(
            String token, TokenDigest digest, Identity asking, Optional<Claims> signed) {
        return answers.get(digest)
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> ask(token, digest, asking, signed))
                .thenApply(answer -> answer.orElseThrow(() ->
                        refusal(Why.REVOKED, "its issuer no longer stands by the access token; fetch a new one")));
    }

    private CompletableFuture<Optional<Claims>> ask(
            String token, TokenDigest digest, Identity asking, Optional<Claims> signed) {
        CompletableFuture<Optional<Claims>> mine = new CompletableFuture<>();
        CompletableFuture<Optional<Claims>> others = inFlight.putIfAbsent(digest, mine);
        if (others != null) {
            return others;
        }
        boolean isTooMuch = perIdentity.merge(asking, 1, Integer::sum) > MAX_PER_IDENTITY;
        CompletableFuture<Map<String, Object>> answered = isTooMuch || inFlight.size() > MAX_IN_FLIGHT
                ? CompletableFuture.failedFuture(unavailable())
                : answered(token);
        var unused = answered.thenApply(answer -> claims(answer, signed)).whenComplete((claims, failure) -> {
            if (failure == null) {
                complaint.set("");
                answers.put(digest, claims, rememberedUntil(claims));
            }
            inFlight.remove(digest);
            perIdentity.computeIfPresent(asking, (identity, count) -> count == 1 ? null : count - 1);
            if (failure == null) {
                mine.complete(claims);
            } else {
                mine.completeExceptionally(refusal(failure));
            }
        });
        return mine;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the inner one is waited for
    private CompletableFuture<Map<String, Object>> answered(String token) {
        try {
            return CompletableFuture.supplyAsync(
                            () -> endpoint.current()
                                    .thenCompose(location ->
                                            fetch.post(location, client.form(token), client.authorization())),
                            background)
                    .thenCompose(answer -> answer);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.failedFuture(new FetchFailedException("nothing is asked any more"));
        }
    }

    private Instant rememberedUntil(Optional<Claims> claims) {
        Instant soon = clock.instant().plus(REMEMBERED);
        Instant end = claims.map(known -> known.token().expiresAt()).orElse(soon);
        return end.isBefore(soon) ? end : soon;
    }

    /** Empty for a token that is not active. */
    private Optional<Claims> claims(Map<String, Object> answer, Optional<Claims> signed) {
        if (!(answer.get("active") instanceof Boolean active)) {
            throw new FetchFailedException("the answer about a token has no 'active'");
        }
        if (!active) {
            return Optional.empty();
        }
        if (answer.containsKey("iss") && !issuer.equals(answer.get("iss"))) {
            throw refusal(Why.WRONG_ISSUER, "the access token is from another issuer than " + issuer);
        }
        if (signed.isPresent()) {
            return signed;
        }
        Map<String, Object> members = new HashMap<>(answer);
        if (!members.containsKey("sub") && members.containsKey("client_id")) {
            members.put("sub", answer.get("client_id")); // a client on its own account
        }
        try {
            return Optional.of(Claims.of(issuer, members));
        } catch (TokenRefusedException refused) {
            throw new CompletionException(refused);
        }
    }

    private Throwable refusal(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof TokenRefusedException) {
            return cause;
        }
        endpoint.doubt();
        String why = String.valueOf(cause.getMessage());
        if (!why.equals(complaint.getAndSet(why))) {
            LOG.warn("{} does not say whether a token is active: {}", issuer, why);
        }
        return unavailable();
    }

    private TokenRefusedException unavailable() {
        return new TokenRefusedException(
                Why.UNAVAILABLE,
                "this server cannot ask " + issuer + " about the access token at present; try again later");
    }

    private static CompletionException refusal(Why why, String message) {
        return new CompletionException(new TokenRefusedException(why, message));
    }
}
