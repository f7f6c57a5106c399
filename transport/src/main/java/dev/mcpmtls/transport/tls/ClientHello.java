// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client's first message, put together from its records as they arrive (RFC 8446, sections 4.1.2 and 5.1). For one thread. */
final class ClientHello {

    // Post-quantum key shares take 1 to 2 KB, tickets some more; whatever is longer is left to the engine.
    private static final int LONGEST = 16 * 1024;
    private static final int HANDSHAKE = 22;
    private static final int TYPE = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int RANDOM_LENGTH = 32;
    private static final int ALPN = 16;

    private final ByteBuffer recordHeader = ByteBuffer.allocate(RECORD_HEADER);
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int leftInRecord;
    private int length = MESSAGE_HEADER;
    private boolean ended;

    /**
     * Reads on; the buffer's own position stays.
     *
     * @return whether all of the message is there, or it is clear that this is none
     */
    boolean read(ByteBuf bytes) {
        if (!ended) {
            ended = bytes.forEachByte(this::wantsMoreAfter) >= 0;
        }
        return ended;
    }

    private boolean wantsMoreAfter(byte octet) {
        if (leftInRecord == 0) {
            recordHeader.put(octet);
            if (!recordHeader.hasRemaining()) {
                leftInRecord = Short.toUnsignedInt(recordHeader.getShort(RECORD_HEADER - Short.BYTES));
                recordHeader.clear();
            }
            return recordHeader.get(0) == HANDSHAKE;
        }
        leftInRecord--;
        message.write(octet);
        if (message.size() == MESSAGE_HEADER) {
            int header = ByteBuffer.wrap(message.toByteArray()).getInt();
            length += header & 0xff_ffff;
            return header >>> 24 == TYPE && length <= LONGEST;
        }
        return message.size() < length;
    }

    /** What the client of a message that has been read offers by ALPN, its favourite first (RFC 7301, section 3.1); empty for none. */
    List<String> applicationProtocols() {
        List<String> offered = new ArrayList<>();
        try {
            ByteBuffer hello = ByteBuffer.wrap(message.toByteArray());
            skip(hello, MESSAGE_HEADER + Short.BYTES + RANDOM_LENGTH);
            skip(hello, Byte.toUnsignedInt(hello.get())); // session id
            skip(hello, Short.toUnsignedInt(hello.getShort())); // cipher suites
            skip(hello, Byte.toUnsignedInt(hello.get())); // compression methods
            skip(hello, Short.BYTES);
            while (hello.hasRemaining()) {
                int extension = Short.toUnsignedInt(hello.getShort());
                ByteBuffer content = take(hello, Short.toUnsignedInt(hello.getShort()));
                if (extension == ALPN) {
                    skip(content, Short.BYTES);
                    while (content.hasRemaining()) {
                        ByteBuffer name = take(content, Byte.toUnsignedInt(content.get()));
                        offered.add(StandardCharsets.ISO_8859_1.decode(name).toString());
                    }
                }
            }
            return offered;
        } catch (BufferUnderflowException malformed) {
            return List.of(); // The engine says so.
        }
    }

    private static void skip(ByteBuffer buffer, int octets) {
        take(buffer, octets);
    }

    private static ByteBuffer take(ByteBuffer buffer, int octets) {
        if (octets > buffer.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer taken = buffer.slice(buffer.position(), octets);
        buffer.position(buffer.position() + octets);
        return taken;
    }
}
