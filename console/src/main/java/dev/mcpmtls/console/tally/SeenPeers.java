// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.trust.Peer;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The accepted peers, by certificate; those seen least recently are forgotten first. Thread-safe. */
final class SeenPeers {

    static final int MOST = 512;

    private long forgotten;
    private final Map<X509Certificate, Seen> seen = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<X509Certificate, Seen> eldest) {
            boolean isOneTooMany = size() > MOST;
            forgotten += isOneTooMany ? 1 : 0;
            return isOneTooMany;
        }
    };

    private static final class Seen {

        private final Peer peer;
        private final Instant firstAt;
        private final Set<String> servers = new TreeSet<>(); // the names of our own
        private Instant lastAt;
        private long connections;

        private Seen(Peer peer, Instant at) {
            this.peer = peer;
            this.firstAt = at;
            this.lastAt = at;
        }

        private SeenPeer snapshot() {
            return new SeenPeer(peer, List.copyOf(servers), firstAt, lastAt, connections);
        }
    }

    synchronized void add(String server, Peer peer, Instant at) {
        Seen its = seen.computeIfAbsent(peer.chain().leaf(), any -> new Seen(peer, at));
        its.servers.add(server);
        its.lastAt = at;
        its.connections++;
    }

    synchronized List<SeenPeer> all() {
        return seen.values().stream().map(Seen::snapshot).toList();
    }

    synchronized long forgotten() {
        return forgotten;
    }
}
