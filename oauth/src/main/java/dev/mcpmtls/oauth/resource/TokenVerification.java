// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.authz.TokenVerifier;
import dev.mcpmtls.oauth.resource.fetch.JsonFetch;
import dev.mcpmtls.oauth.resource.introspection.Introspection;
import dev.mcpmtls.oauth.resource.keys.IssuerKeys;
import dev.mcpmtls.oauth.resource.keys.KeySet;
import dev.mcpmtls.oauth.resource.keys.VerificationKey;
import dev.mcpmtls.oauth.resource.token.Acceptance;
import dev.mcpmtls.oauth.resource.token.Claims;
import dev.mcpmtls.oauth.resource.token.CompactJwt;
import dev.mcpmtls.oauth.resource.token.TokenDigest;
import dev.mcpmtls.oauth.resource.token.TokenMemory;
import dev.mcpmtls.trust.Peer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Verifies access tokens for a protected resource: JWTs (RFC 9068) by the keys of their issuer, and by introspection (RFC 7662) where
 * the issuer is asked. The claims of a token that was verified are remembered while its issuer publishes the same keys. Its time, its
 * audience and its binding to the certificate of the connection (RFC 8705) are compared at every call.
 *
 * <p>Thread-safe, and blocks no caller. The stage of a remembered token is complete when it is returned. Signatures of other tokens are checked on
 * a few daemon threads, never the caller's. When keys or an answer have yet to come from the issuer, the stage completes within the issuer's patience
 * for each document. One daemon thread begins the fetches, from {@link #start} until {@link #close}.
 */
public final class TokenVerification implements TokenVerifier, AutoCloseable {

    private static final int MAX_LENGTH = 16 * 1024;
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Duration PERIOD = Duration.ofMillis(400);
    private static final int MAX_UNCHECKED = 256;

    /** An issuer at work. */
    private record Source(TrustedIssuer issuer, IssuerKeys keys, Optional<Introspection> introspection) {

        static Source of(TrustedIssuer issuer, Executor background, InstantSource clock) {
            JsonFetch fetch = issuer.fetch();
            return new Source(
                    issuer,
                    new IssuerKeys(issuer.url(), issuer.jwks(), fetch, background, clock),
                    issuer.introspection()
                            .map(client -> new Introspection(issuer.url(), client, fetch, background, clock)));
        }
    }

    /** Claims whose signature was verified with one of these keys. */
    private record Signed(Source source, KeySet keys, Claims claims) {

        boolean isCurrent() {
            return source.keys().current().filter(keys::equals).isPresent();
        }
    }

    private final ProtectedResource resource;
    private final Acceptance acceptance;
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Optional<Source> sourceOfOpaque;
    private final TokenMemory<Signed> verified;
    private final ScheduledExecutorService background =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "token-issuers"));
    private final Executor checkers = checkers();

    private TokenVerification(ProtectedResource resource, InstantSource clock) {
        this.resource = resource;
        this.acceptance = new Acceptance(resource.audiences(), resource.requiresBound(), SKEW, clock);
        this.verified = new TokenMemory<>(clock);
        for (TrustedIssuer issuer : resource.issuers()) {
            sources.put(issuer.url(), Source.of(issuer, background, clock));
        }
        List<Source> asked = sources.values().stream()
                .filter(source -> source.introspection().isPresent())
                .toList();
        this.sourceOfOpaque = asked.size() == 1 ? Optional.of(asked.get(0)) : Optional.empty();
    }

    private static Executor checkers() {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_UNCHECKED),
                task -> daemon(task, "token-signatures"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread daemon = new Thread(task, name);
        daemon.setDaemon(true);
        return daemon;
    }

    /** Fetches the issuers' keys from now on, and verifies tokens. */
    public static TokenVerification start(ProtectedResource resource, InstantSource clock) {
        TokenVerification started = new TokenVerification(resource, clock);
        var unused = started.background.scheduleWithFixedDelay(
                () -> started.sources.values().forEach(source -> source.keys().refreshIfDue()),
                0,
                PERIOD.toMillis(),
                TimeUnit.MILLISECONDS);
        return started;
    }

    /** Ends fetching; keys that have come stay in use for a day. */
    @Override
    public void close() {
        background.shutdownNow();
    }

    @Override
    public CompletionStage<AccessToken> verify(String token, Peer peer) {
        CompletableFuture<AccessToken> answer;
        try {
            answer = vouchedFor(token, peer).thenCompose(claims -> accepted(claims, peer));
        } catch (TokenRefusedException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        CompletableFuture<AccessToken> plain = new CompletableFuture<>();
        var unused = answer.whenComplete((accepted, failure) -> {
            if (failure == null) {
                plain.complete(accepted);
            } else {
                plain.completeExceptionally(failure instanceof CompletionException ? failure.getCause() : failure);
            }
        });
        return plain;
    }

    private CompletableFuture<AccessToken> accepted(Claims claims, Peer peer) {
        try {
            return CompletableFuture.completedFuture(acceptance.of(claims, peer));
        } catch (TokenRefusedException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** The claims that an issuer vouches for. */
    private CompletableFuture<Claims> vouchedFor(String token, Peer peer) throws TokenRefusedException {
        if (token.length() > MAX_LENGTH) {
            throw invalid("the access token is longer than " + MAX_LENGTH + " characters");
        }
        TokenDigest digest = TokenDigest.of(token);
        if (!CompactJwt.is(token)) {
            return introspected(token, digest, peer);
        }
        Optional<Signed> known = verified.get(digest).filter(Signed::isCurrent);
        CompletableFuture<Signed> signed = known.isPresent()
                ? CompletableFuture.completedFuture(known.get())
                : signed(CompactJwt.parse(token), digest);
        return signed.thenCompose(one -> one.source()
                .introspection()
                .map(issuer -> accepted(
                                one.claims(), peer) // an issuer is not asked about tokens that are refused anyway
                        .thenCompose(
                                fitting -> issuer.active(token, digest, peer.identity(), Optional.of(one.claims()))))
                .orElseGet(() -> CompletableFuture.completedFuture(one.claims())));
    }

    private CompletableFuture<Claims> introspected(String token, TokenDigest digest, Peer peer)
            throws TokenRefusedException {
        Source source = sourceOfOpaque.orElseThrow(
                () -> invalid("the access token is not a JWT, and this server asks no issuer about other tokens"));
        if (!token.matches("[A-Za-z0-9._~+/-]+=*")) {
            throw invalid("the access token has characters that tokens cannot have (RFC 6750, section 2.1)");
        }
        return source.introspection().orElseThrow().active(token, digest, peer.identity(), Optional.empty());
    }

    private CompletableFuture<Signed> signed(CompactJwt jwt, TokenDigest digest) throws TokenRefusedException {
        Source source = sources.get(jwt.issuer());
        if (source == null) {
            throw new TokenRefusedException(
                    Why.WRONG_ISSUER,
                    "the access token is from an issuer that this server does not trust; it trusts "
                            + sources.keySet());
        }
        requireForm(jwt, source.issuer());
        Optional<KeySet> now = source.keys().current();
        if (now.isPresent() && now.get().find(jwt.algorithm(), jwt.keyId()).isPresent()) {
            return checked(jwt, digest, source, now.get());
        }
        return source.keys().newest().thenCompose(keys -> checked(jwt, digest, source, keys));
    }

    /** Checks the signature on a thread that may take milliseconds for it. */
    private CompletableFuture<Signed> checked(CompactJwt jwt, TokenDigest digest, Source source, KeySet keys) {
        CompletableFuture<Signed> checked = new CompletableFuture<>();
        try {
            checkers.execute(() -> {
                try {
                    checked.complete(signed(jwt, digest, source, keys));
                } catch (TokenRefusedException | RuntimeException | Error e) {
                    checked.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException full) {
            checked.completeExceptionally(new TokenRefusedException(
                    Why.UNAVAILABLE, "too many new access tokens are being verified; try again later"));
        }
        return checked;
    }

    private void requireForm(CompactJwt jwt, TrustedIssuer issuer) throws TokenRefusedException {
        if (!resource.algorithms().contains(jwt.algorithm())) {
            throw invalid("the access token is signed with an algorithm that this server does not accept; it accepts "
                    + resource.algorithms().stream().sorted().toList());
        }
        Optional<String> type = jwt.type();
        boolean isPlain = type.isEmpty() || type.get().equals("jwt");
        if (!type.equals(Optional.of("at+jwt")) && !(isPlain && issuer.acceptsPlainJwt())) {
            throw invalid("the JWT is not marked as an access token: its header must have the type at+jwt (RFC 9068)");
        }
        if (isPlain && jwt.isMarkedAsOther()) {
            throw invalid("the JWT is no access token: its issuer marks it as an ID token, or as another kind");
        }
    }

    private Signed signed(CompactJwt jwt, TokenDigest digest, Source source, KeySet keys) throws TokenRefusedException {
        Optional<VerificationKey> key = keys.find(jwt.algorithm(), jwt.keyId());
        if (key.isEmpty()) {
            throw invalid("its issuer publishes no key that fits the access token; fetch a new one");
        }
        if (!key.get().verifies(jwt.algorithm(), jwt.signed(), jwt.signature())) {
            throw invalid("the signature of the access token is not its issuer's");
        }
        Signed signed = new Signed(source, keys, Claims.of(source.issuer().url(), jwt.payload()));
        verified.put(digest, signed, signed.claims().token().expiresAt().plus(SKEW));
        return signed;
    }

    private static TokenRefusedException invalid(String message) {
        return new TokenRefusedException(Why.INVALID, message);
    }
}
