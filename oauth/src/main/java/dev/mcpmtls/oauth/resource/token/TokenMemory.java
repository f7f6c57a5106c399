// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values by the digest of a token, each until its own time, at most about 4,096 of them: in two generations, of which the older is
 * forgotten once the younger is full, except for the values that were asked for meanwhile. Thread-safe.
 *
 * @param <V> its values, which are immutable
 */
public final class TokenMemory<V> {

    private static final int GENERATION = 2048;

    private record Entry<V>(V value, Instant until) {}

    private final InstantSource clock;
    private volatile Map<TokenDigest, Entry<V>> younger = new ConcurrentHashMap<>();
    private volatile Map<TokenDigest, Entry<V>> older = Map.of();

    /** Empty. */
    public TokenMemory(InstantSource clock) {
        this.clock = clock;
    }

    /** The value, unless it is over. */
    public Optional<V> get(TokenDigest token) {
        Entry<V> entry = younger.get(token);
        if (entry == null) {
            entry = older.get(token);
            if (entry == null) {
                return Optional.empty();
            }
            put(token, entry);
        }
        return clock.instant().isBefore(entry.until()) ? Optional.of(entry.value()) : Optional.empty();
    }

    /** Remembers a value until then. */
    public void put(TokenDigest token, V value, Instant until) {
        put(token, new Entry<>(value, until));
    }

    private void put(TokenDigest token, Entry<V> entry) {
        if (younger.size() >= GENERATION) {
            grow();
        }
        younger.put(token, entry);
    }

    private synchronized void grow() {
        if (younger.size() >= GENERATION) {
            older = younger;
            younger = new ConcurrentHashMap<>();
        }
    }
}
