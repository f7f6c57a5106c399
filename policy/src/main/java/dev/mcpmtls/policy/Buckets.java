// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.trust.Assurance;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The token buckets of all rules with a rate, one for each rule, peer and subject of an access token. Thread-safe.
 *
 * <p>A bucket is one instant: when it will be full again. Only full buckets are forgotten, which changes no decision; so a peer
 * cannot refill its bucket by making others be forgotten. When there is no place left, further peers share one bucket for each rule.
 */
final class Buckets {

    /** Some 10 MB. */
    private static final int MAX_BUCKETS = 50_000;

    private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

    private final ConcurrentMap<Key, Long> fullAt = new ConcurrentHashMap<>();
    private final int places;
    private volatile long sweptAt = Long.MIN_VALUE;

    /** The owner is empty for the bucket that those without a place share. */
    private record Key(String rule, Rate rate, Optional<Identity> owner, Optional<Subject> subject) {}

    private record Subject(String issuer, String name) {}

    Buckets() {
        this(MAX_BUCKETS);
    }

    Buckets(int places) {
        this.places = places;
    }

    /** Takes a call from the bucket of the rule and caller; when there is none left, gives the time until there is. */
    Optional<Duration> take(String rule, Rate rate, Caller caller, Optional<AccessToken> token, Instant at) {
        long now = nanos(at);
        Key key = key(rule, rate, caller, token, now);
        long perCall = rate.nanosPerCall();
        long empty = perCall * rate.calls();
        long[] wait = {0};
        fullAt.compute(key, (k, known) -> {
            long full = known == null
                    ? now
                    : Math.max(now, Math.min(known, now + empty)); // a clock set back locks no peer out
            wait[0] = full + perCall - (now + empty);
            return wait[0] > 0 ? full : full + perCall;
        });
        return wait[0] > 0 ? Optional.of(Duration.ofNanos(wait[0])) : Optional.empty();
    }

    private Key key(String rule, Rate rate, Caller caller, Optional<AccessToken> token, long now) {
        // Others can claim the same name: only the key is that peer's own.
        Identity owner = caller.assurance() == Assurance.VERIFIED
                ? caller.identity()
                : caller.pin().<Identity>map(pin -> pin).orElse(caller.identity());
        Optional<Subject> subject = token.map(claims -> new Subject(claims.issuer(), claims.subject()));
        Key own = new Key(rule, rate, Optional.of(owner), subject);
        if (fullAt.size() < places || fullAt.containsKey(own)) {
            return own;
        }
        sweep(now);
        return fullAt.size() < places ? own : new Key(rule, rate, Optional.empty(), Optional.empty());
    }

    /** Forgets the buckets that are full; at most once a second, or a flood of new peers would spend its time here. */
    private void sweep(long now) {
        if (now < sweptAt || now - sweptAt >= SWEEP_NANOS || sweptAt == Long.MIN_VALUE) {
            sweptAt = now;
            fullAt.values().removeIf(full -> full <= now);
        }
    }

    private static long nanos(Instant at) {
        return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    }

    /** Fills all buckets. */
    void clear() {
        fullAt.clear();
    }

    int size() {
        return fullAt.size();
    }
}
