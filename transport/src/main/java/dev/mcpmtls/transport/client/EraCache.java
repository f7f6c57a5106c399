// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The eras of servers as they were found out, so that each is probed once. Thread-safe; share one between transports. */
public final class EraCache {

    private final Map<URI, Era> eras = new ConcurrentHashMap<>();

    /** An empty cache. */
    public EraCache() {}

    Optional<Era> of(URI server) {
        return Optional.ofNullable(eras.get(server));
    }

    void learn(URI server, Era era) {
        eras.put(server, era);
    }

    void forget(URI server) {
        eras.remove(server);
    }
}
