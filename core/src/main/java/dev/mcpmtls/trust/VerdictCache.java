// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A cache of recently accepted peers, so that the next connection of the same peer costs one hash. Refusals are not kept,
 * because attackers could fill the cache with them. Its bytes are bounded as well, because a peer may pad its chain differently
 * each time.
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
