// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Limits concurrent handshakes: so many in total, and a quarter of them from one network. A client has no identity before its
 * handshake is complete, so its address alone is counted. Thread-safe.
 */
public final class Handshakes {

    /** The length of an IPv6 network: every user gets at least a /64. */
    private static final int NETWORK_BYTES = 8;

    private final int total;
    private final int perNetwork;
    private final Map<ByteBuffer, Integer> underWay = new HashMap<>();
    private int sum;

    /** Lets {@code total} handshakes be in flight. */
    public Handshakes(int total) {
        this.total = total;
        this.perNetwork = Math.max(1, total / 4);
    }

    /** Whether one more may begin; if so, it has to {@link #leave} when it has ended. */
    public synchronized boolean enter(InetAddress from) {
        int sameNetwork = underWay.getOrDefault(network(from), 0);
        if (sum >= total || sameNetwork >= perNetwork) {
            return false;
        }
        underWay.put(network(from), sameNetwork + 1);
        sum++;
        return true;
    }

    /** A handshake that had entered has ended. */
    public synchronized void leave(InetAddress from) {
        underWay.computeIfPresent(network(from), (network, count) -> count == 1 ? null : count - 1);
        sum--;
    }

    private static ByteBuffer network(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address ? bytes.limit(NETWORK_BYTES) : bytes;
    }
}
