// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One TLS connection as the audit log describes it.
 *
 * @param id unique per process, shown to both sides' operators; 16 lower-case hexadecimal digits
 * @param side which end of it we are
 * @param remote the other end's address, as the socket saw it or as the balancer named it
 * @param tls version, cipher and resumption; empty when the handshake did not get that far
 * @param balancer the address from which a balancer forwarded the connection; empty when it named no client
 */
public record ConnectionFacts(
        String id, Side side, InetSocketAddress remote, Optional<Tls> tls, Optional<InetSocketAddress> balancer) {

    /** A connection that no balancer forwarded. */
    public ConnectionFacts(String id, Side side, InetSocketAddress remote, Optional<Tls> tls) {
        this(id, side, remote, tls, Optional.empty());
    }

    /** Our end of a connection. */
    public enum Side {
        /** We accepted the connection. */
        SERVER,
        /** We opened the connection. */
        CLIENT
    }

    /**
     * The negotiated parameters.
     *
     * @param version {@code TLSv1.3} or {@code TLSv1.2}
     * @param cipher the IANA name of the cipher suite
     * @param resumed whether an earlier session was resumed
     */
    public record Tls(String version, String cipher, boolean resumed) {}
}
