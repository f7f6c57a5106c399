// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The peers accepted lately, so that the next connection of the same peer costs a hash. Refusals are not kept: strangers
 * could fill the cache with them.
 */
final class VerdictCache {

    private static final int CAPACITY = 4096;

    private final Map<Question, Peer> peers = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Peer> eldest) {
            return size() > CAPACITY;
        }
    };

    synchronized Optional<Peer> find(Question question) {
        return Optional.ofNullable(peers.get(question));
    }

    synchronized void keep(Question question, Peer peer) {
        peers.put(question, peer);
    }
}
