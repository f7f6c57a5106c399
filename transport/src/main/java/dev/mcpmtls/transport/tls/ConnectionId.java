// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLEngine;

/**
 * An id under which both ends of a connection find it in their logs: the first 8 octets of the SHA-256 of the random of the
 * ClientHello followed by that of the ServerHello (RFC 8446, section 4.1). Both travel in the clear, so the id is no secret; since
 * each end contributes, neither can choose another connection's.
 */
final class ConnectionId {

    private static final int OCTETS = 8;

    private ConnectionId() {}

    /** The id both ends know; empty before the ServerHello, and where the engine does not tell (the JDK's). */
    static Optional<String> of(SSLEngine engine) {
        if (!(engine instanceof ReferenceCountedOpenSslEngine boring)) {
            return Optional.empty();
        }
        synchronized (boring) { // so that nobody frees what the pointer points to
            long pointer = boring.refCnt() > 0 ? boring.sslPointer() : 0;
            return pointer == 0
                    ? Optional.empty()
                    : Optional.of(of(SSL.getClientRandom(pointer), SSL.getServerRandom(pointer)));
        }
    }

    /** The id of the connection on which {@code thrown} or one of its causes was thrown. */
    static Optional<String> in(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof RefusedPeerException refused) {
                return refused.connectionId();
            }
        }
        return Optional.empty();
    }

    static String of(byte[] clientRandom, byte[] serverRandom) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(clientRandom);
            return HexFormat.of().formatHex(digest.digest(serverRandom), 0, OCTETS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** An id of our own, where there is none to share. */
    static String ownChoice() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
}
