// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/** Writes the tickets and alerts that BoringSSL holds back after a handshake; Netty's TLS handler does not ask for them. */
final class PendingRecords {

    // As much as Netty lets BoringSSL put aside that is no answer to a write.
    private static final int SIZE = 2 * 1024;

    // Nothing to write, but at an address that is one.
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(1).limit(0);
    private static final long ADDRESS = Buffer.address(NOTHING);

    private PendingRecords() {}

    /**
     * Writes the session tickets that BoringSSL would put before the first answer; they are sent with what is flushed next. Left
     * where they are they take the room of an alert that comes first, and neither arrives whole.
     */
    static void takeTickets(ReferenceCountedOpenSslEngine engine, ChannelHandlerContext context) throws SSLException {
        boolean more = true;
        while (more) {
            // An empty write has BoringSSL hand over as many of them as there is room for.
            SSL.writeToSSL(engine.sslPointer(), ADDRESS, NOTHING.remaining());
            more = take(engine, context);
        }
    }

    /** Whether a record of the peer's could not be read: of a peer that has taken its leave the engine itself knows. */
    static boolean hasFailed(ReferenceCountedOpenSslEngine engine) {
        return !engine.isInboundDone()
                && (SSL.getShutdown(engine.sslPointer()) & SSL.SSL_RECEIVED_SHUTDOWN) == SSL.SSL_RECEIVED_SHUTDOWN;
    }

    /**
     * Writes the alert by which a connection ends.
     *
     * @throws SSLException with the failure, which the engine keeps back until it is rid of the alert
     */
    static void takeAlert(ReferenceCountedOpenSslEngine engine, ChannelHandlerContext context) throws SSLException {
        boolean more = true;
        while (more) {
            more = take(engine, context);
        }
    }

    private static boolean take(ReferenceCountedOpenSslEngine engine, ChannelHandlerContext context)
            throws SSLException {
        ByteBuf taken = context.alloc().directBuffer(SIZE);
        try {
            int size = engine.wrap(NOTHING, taken.nioBuffer(0, SIZE)).bytesProduced();
            if (size > 0) {
                var unused = context.write(taken.writerIndex(size).retain());
            }
            return size > 0;
        } finally {
            taken.release();
        }
    }
}
