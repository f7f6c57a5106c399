// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.trust.Peer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The other ends of connections as records repeat them with every call: put into words once. Used by one thread.
 */
final class Counterparts {

    private static final int CACHED = 1024;

    @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
    private record Counterpart(ConnectionFacts connection, Peer peer, byte[] encoded) {}

    private final Map<String, Counterpart> recent = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Counterpart> eldest) {
            return size() > CACHED;
        }
    };

    /** The fields of a connection and its peer, as {@link Lines#encoded} has them. */
    @SuppressWarnings("ReferenceEquality") // another verdict is another peer
    byte[] of(ConnectionFacts connection, Peer peer) {
        Counterpart known = recent.get(connection.id());
        if (known == null || known.connection != connection || known.peer != peer) {
            known = new Counterpart(connection, peer, Lines.encoded(EventFields.counterpart(connection, peer)));
            recent.put(connection.id(), known);
        }
        return known.encoded;
    }
}
