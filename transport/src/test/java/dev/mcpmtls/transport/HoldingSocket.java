// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** Sends nothing of what it holds, and then all of it at once. */
public final class HoldingSocket extends Socket {

    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private final Socket tcp;
    private volatile boolean holds;
    private volatile boolean holdsNext;

    public HoldingSocket(Socket tcp) {
        this.tcp = tcp;
    }

    /** From now on nothing is sent. */
    public void hold() {
        holds = true;
    }

    /** As {@link #hold}, from behind the next write on: in TLS 1.3 a client's first is its ClientHello. */
    public void holdBehindNext() {
        holdsNext = true;
    }

    /** Sends everything at once. */
    public void release() throws IOException {
        holds = false;
        holdsNext = false;
        tcp.getOutputStream().write(held.toByteArray());
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void shutdownOutput() {}

    @Override
    public InputStream getInputStream() throws IOException {
        return tcp.getInputStream();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = tcp.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                (holds ? held : out).write(bytes, offset, length);
                holds |= holdsNext;
            }
        };
    }
}
