// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.probe;

import dev.mcpmtls.tls.handshake.Hellos;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;

/** A socket that overhears the hellos of the TLS that is spoken over it. */
final class RecordedSocket extends Socket {

    private final Hellos hellos = new Hellos();
    private long end = System.nanoTime() + Long.MAX_VALUE / 2;

    /**
     * Everything that is read from now on must arrive within that time. A peer cannot extend it by sending a byte now and then.
     *
     * @throws SocketException when the socket is closed
     */
    void allow(Duration time) throws SocketException {
        end = System.nanoTime() + time.toNanos();
        setSoTimeout(Math.max(1, (int) time.toMillis()));
    }

    /** The id that the other end knows as well; empty before the ServerHello. */
    Optional<String> connectionId() {
        return hellos.connectionId();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (System.nanoTime() - end > 0) {
                    throw new SocketTimeoutException("not everything arrived in time");
                }
                int count = super.read(bytes, offset, length);
                hellos.received(bytes, offset, Math.max(count, 0));
                return count;
            }
        };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
                hellos.sent(bytes, offset, length);
            }
        };
    }
}
