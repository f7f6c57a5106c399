// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The peers accepted lately, so that the next connection of the same peer costs a hash. Refusals are not kept: strangers
 * could fill the cache with them. Bounded in bytes as well: a peer may pad its chain, each time with something else.
 */
final class VerdictCache {

    private static final int CAPACITY = 4096;
    private static final int MAX_BYTES = 8 * 1024 * 1024;

    private final Map<Question, Peer> peers = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    synchronized Optional<Peer> find(Question question) {
        return Optional.ofNullable(peers.get(question));
    }

    synchronized void keep(Question question, Peer peer) {
        if (peers.put(question, peer) == null) {
            bytes += question.bytes();
        }
        Iterator<Question> eldest = peers.keySet().iterator();
        while (peers.size() > CAPACITY || bytes > MAX_BYTES) {
            bytes -= eldest.next().bytes();
            eldest.remove();
        }
    }
}
