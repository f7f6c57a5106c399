// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.keys;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.oauth.resource.fetch.FetchFailedException;
import dev.mcpmtls.oauth.resource.fetch.JsonFetch;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer: fetched in the background, again every ten minutes, and at most once in 30 seconds because a token names
 * a key that is not among them. While the issuer does not answer, the last keys stay in use for a day. Thread-safe; blocks no caller.
 */
public final class IssuerKeys {

    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final Duration REFRESH_AFTER = Duration.ofMinutes(10);
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(30);
    private static final Duration MAX_AGE = Duration.ofHours(24);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final int MAX_DOUBLINGS = 6;
    private static final Duration MAX_WAIT = Duration.ofSeconds(5);
    private static final int MAX_WAITING = 1024;

    private record Held(KeySet keys, Instant fetchedAt) {}

    private final String issuer;
    private final Supplier<CompletableFuture<KeySet>> source;
    private final Executor background;
    private final InstantSource clock;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable Held held;
    private CompletableFuture<@Nullable Void> fetching =
            CompletableFuture.completedFuture(null); // the rest is guarded by this
    private Instant lastAttempt = Instant.MIN;
    private Instant nextAttempt = Instant.MIN;
    private int failures;

    /**
     * Fetches nothing yet.
     *
     * @param jwks where the keys are; empty to look in the issuer's metadata
     * @param background runs the fetches
     */
    public IssuerKeys(String issuer, Optional<URI> jwks, JsonFetch fetch, Executor background, InstantSource clock) {
        this.issuer = issuer;
        IssuerMetadata metadata = new IssuerMetadata(issuer, fetch);
        this.source = () -> jwks.map(CompletableFuture::completedFuture)
                .orElseGet(() -> metadata.fetched().thenApply(IssuerKeys::jwksOf))
                .thenCompose(fetch::get)
                .thenApply(KeySet::of);
        this.background = background;
        this.clock = clock;
    }

    private static URI jwksOf(Map<String, Object> metadata) {
        return IssuerMetadata.url(metadata, "jwks_uri")
                .orElseThrow(() -> new FetchFailedException("the issuer's metadata has no 'jwks_uri'"));
    }

    /** The keys, unless none have come or they are too old. */
    public Optional<KeySet> current() {
        Held now = held;
        return now == null || clock.instant().isAfter(now.fetchedAt().plus(MAX_AGE))
                ? Optional.empty()
                : Optional.of(now.keys());
    }

    /** Fetches the keys when it is time to. */
    public synchronized void refreshIfDue() {
        if (fetching.isDone() && !clock.instant().isBefore(nextAttempt)) {
            fetch();
        }
    }

    /**
     * The keys after a fetch that is in flight, or is begun now if the last one began long enough ago; else those of now. It takes at
     * most five seconds, and fails with {@link TokenRefusedException} when there are none, or too many callers wait.
     */
    public CompletableFuture<KeySet> newest() {
        CompletableFuture<@Nullable Void> inFlight = inFlight();
        if (inFlight.isDone()) {
            return orUnavailable();
        }
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            return CompletableFuture.failedFuture(unavailable());
        }
        return inFlight.copy()
                .completeOnTimeout(null, MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)
                .thenCompose(arrived -> {
                    waiting.decrementAndGet();
                    return orUnavailable();
                });
    }

    private synchronized CompletableFuture<@Nullable Void> inFlight() {
        if (fetching.isDone() && !clock.instant().isBefore(lastAttempt.plus(AGAIN_AFTER))) {
            fetch();
        }
        return fetching;
    }

    private CompletableFuture<KeySet> orUnavailable() {
        return current()
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> CompletableFuture.failedFuture(unavailable()));
    }

    private TokenRefusedException unavailable() {
        return new TokenRefusedException(
                Why.UNAVAILABLE,
                "this server cannot get the keys of " + issuer
                        + " at present, so it cannot verify the access token; try again later");
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the inner one is waited for
    private void fetch() {
        lastAttempt = clock.instant();
        try {
            fetching = CompletableFuture.supplyAsync(source, background)
                    .thenCompose(keys -> keys)
                    .handle(this::fetched);
        } catch (RejectedExecutionException closed) {
            LOG.debug("no keys of {} are fetched any more", issuer);
        }
    }

    private @Nullable Void fetched(@Nullable KeySet keys, @Nullable Throwable failure) {
        if (keys != null) {
            arrived(keys);
        } else if (failure != null) {
            failed(failure);
        }
        return null;
    }

    private synchronized void arrived(KeySet keys) {
        Held before = held;
        Instant now = clock.instant();
        if (before != null && before.keys().isSameAs(keys)) {
            held = new Held(before.keys(), now); // so that what is remembered of tokens stays
        } else {
            held = new Held(keys, now);
            LOG.info("in use: the keys of {}", issuer);
        }
        nextAttempt = now.plus(REFRESH_AFTER);
        failures = 0;
    }

    private synchronized void failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (failures == 0) {
            LOG.warn(
                    "no new keys of {}; those of the last fetch stay in use for a day: {}", issuer, cause.getMessage());
        }
        nextAttempt = clock.instant().plus(FIRST_RETRY.multipliedBy(1L << failures));
        failures = Math.min(failures + 1, MAX_DOUBLINGS);
    }
}
