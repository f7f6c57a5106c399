// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLSocket;

/** JSSE's socket, whose exceptions say what the server's alert means and what to do ({@link ExplainedFailure}). */
final class ExplainingSocket extends DelegatingSocket {

    private final ExplainedFailure failures;

    ExplainingSocket(SSLSocket socket, HandshakeLog log) {
        super(socket);
        this.failures = new ExplainedFailure(
                log, new Hellos(), () -> new InetSocketAddress(socket.getInetAddress(), socket.getPort()));
    }

    @Override
    public void startHandshake() throws IOException {
        failures.explaining(() -> {
            socket.startHandshake();
            return true;
        });
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new Input(socket.getInputStream());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new Output(socket.getOutputStream());
    }

    private final class Input extends FilterInputStream {

        Input(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = failures.explaining(in::read);
            if (read >= 0) {
                failures.served();
            }
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = failures.explaining(() -> in.read(bytes, offset, length));
            if (count > 0) {
                failures.served();
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = failures.explaining(() -> in.skip(count));
            if (skipped > 0) {
                failures.served();
            }
            return skipped;
        }
    }

    private final class Output extends FilterOutputStream {

        Output(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            failures.explaining(() -> {
                out.write(bytes, offset, length);
                return true;
            });
        }
    }
}
