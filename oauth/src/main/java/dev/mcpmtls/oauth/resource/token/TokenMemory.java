// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Values by the digest of a token, each until its own time, at most 4,096 of them. When it is full, those that are over are forgotten, and
 * then any. Thread-safe.
 *
 * @param <V> its values, which are immutable
 */
public final class TokenMemory<V> {

    private static final int MAX_ENTRIES = 4096;

    private record Entry<V>(V value, Instant until) {}

    private final Map<TokenDigest, Entry<V>> entries = new ConcurrentHashMap<>();
    private final InstantSource clock;

    /** Empty. */
    public TokenMemory(InstantSource clock) {
        this.clock = clock;
    }

    /** The value, unless it is over. */
    public Optional<V> get(TokenDigest token) {
        return Optional.ofNullable(entries.get(token))
                .filter(entry -> clock.instant().isBefore(entry.until()))
                .map(Entry::value);
    }

    /** Remembers a value until then. */
    public void put(TokenDigest token, V value, Instant until) {
        if (entries.size() >= MAX_ENTRIES) {
            makeRoom();
        }
        entries.put(token, new Entry<>(value, until));
    }

    /** Forgets an eighth at once, so that a full memory is not searched at each call. */
    private synchronized void makeRoom() {
        if (entries.size() < MAX_ENTRIES) {
            return;
        }
        Instant now = clock.instant();
        entries.values().removeIf(entry -> !now.isBefore(entry.until()));
        Iterator<TokenDigest> any = entries.keySet().iterator();
        while (entries.size() > MAX_ENTRIES - MAX_ENTRIES / 8 && any.hasNext()) {
            any.next();
            any.remove();
        }
    }
}
