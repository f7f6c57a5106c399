// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** A socket that remembers how each direction began, in order to find the hellos of a TLS handshake in it. */
final class RecordedSocket extends Socket {

    private static final int KEPT = 8 * 1024;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_HELLO = 2;
    private static final int RECORD_HEADER = 5;
    private static final int RANDOM_AT = RECORD_HEADER + 4 + 2;
    private static final int RANDOM_LENGTH = 32;

    /** The random of a HelloRetryRequest, which is no ServerHello yet (RFC 8446, section 4.1.3). */
    private static final byte[] RETRY =
            HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    /** The id that the other end knows as well; empty before the ServerHello. */
    Optional<String> connectionId() {
        return random(sent.toByteArray(), CLIENT_HELLO)
                .flatMap(client ->
                        random(received.toByteArray(), SERVER_HELLO).map(server -> ConnectionId.of(client, server)));
    }

    private static Optional<byte[]> random(byte[] records, int type) {
        for (int at = 0; at + RANDOM_AT + RANDOM_LENGTH <= records.length; at += RECORD_HEADER + length(records, at)) {
            if (records[at] == HANDSHAKE && records[at + RECORD_HEADER] == type) {
                byte[] random = Arrays.copyOfRange(records, at + RANDOM_AT, at + RANDOM_AT + RANDOM_LENGTH);
                if (!Arrays.equals(random, RETRY)) {
                    return Optional.of(random);
                }
            }
        }
        return Optional.empty();
    }

    private static int length(byte[] records, int at) {
        return Byte.toUnsignedInt(records[at + 3]) << 8 | Byte.toUnsignedInt(records[at + 4]);
    }

    private static void keep(ByteArrayOutputStream kept, byte[] bytes, int offset, int length) {
        kept.write(bytes, offset, Math.min(length, KEPT - kept.size()));
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
                int count = super.read(bytes, offset, length);
                keep(received, bytes, offset, Math.max(count, 0));
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
                keep(sent, bytes, offset, length);
            }
        };
    }
}
