// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.trust.Purpose;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;

/** Reads a {@link HandshakeFailure} out of what Netty threw, which says by type what the engines say in words. */
public final class NettyFailure {

    private NettyFailure() {}

    /** The failure that {@code thrown} or one of its causes describes, as a client sees it. */
    public static HandshakeFailure of(Throwable thrown) {
        return of(thrown, Purpose.SERVER);
    }

    /**
     * The failure that {@code thrown} or one of its causes describes.
     *
     * @param role the peer's
     */
    static HandshakeFailure of(Throwable thrown, Purpose role) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof NotSslRecordException) {
                return new HandshakeFailure.NotTls();
            }
            if (t instanceof SslHandshakeTimeoutException) {
                return new HandshakeFailure.TimedOut();
            }
        }
        return HandshakeFailure.of(thrown, role);
    }
}
