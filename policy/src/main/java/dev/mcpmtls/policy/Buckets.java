// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.trust.Assurance;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The token buckets of all rules with a rate, one for each rule and peer, whatever access tokens it presents: a peer with many subjects gets no more.
 * Thread-safe.
 *
 * <p>A bucket is one instant: when it will be full again. Only full buckets are forgotten, which changes no decision; so a peer
 * cannot refill its bucket by making others be forgotten. When there is no place left, further peers share one bucket for each rule. Peers that
 * no anchor vouches for can make up names and keys: they get half of the places, and share among themselves.
 */
final class Buckets {

    /** Some 10 MB. */
    private static final int MAX_BUCKETS = 50_000;

    private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

    private final ConcurrentMap<Key, Long> fullAt = new ConcurrentHashMap<>();
    private final int places;
    private volatile long sweptAt = Long.MIN_VALUE;

    /** The owner is empty for the bucket that those without a place share. */
    private record Key(String rule, Rate rate, boolean isVouchedFor, Optional<Identity> owner) {}

    Buckets() {
        this(MAX_BUCKETS);
    }

    Buckets(int places) {
        this.places = places;
    }

    /** Takes a call from the bucket of the rule and caller; when there is none left, gives the time until there is. */
    Optional<Duration> take(String rule, Rate rate, Caller caller, Instant at) {
        long now = nanos(at);
        Key key = key(rule, rate, caller, now);
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

    private Key key(String rule, Rate rate, Caller caller, long now) {
        // Others can claim the same name: only the key is that peer's own.
        boolean isVouchedFor = caller.assurance() == Assurance.VERIFIED;
        Identity owner = isVouchedFor
                ? caller.identity()
                : caller.pin().<Identity>map(pin -> pin).orElse(caller.identity());
        int most = isVouchedFor ? places : places / 2;
        Key own = new Key(rule, rate, isVouchedFor, Optional.of(owner));
        if (fullAt.size() < most || fullAt.containsKey(own)) {
            return own;
        }
        sweep(now);
        return fullAt.size() < most ? own : new Key(rule, rate, isVouchedFor, Optional.empty());
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
