// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client's first message, put together from its records as they arrive (RFC 8446, sections 4.1.2 and 5.1). For one thread. */
final class ClientHello {

    // Post-quantum key shares take 1 to 2 KB, tickets some more; whatever is longer is left to the engine.
    private static final int LONGEST = 16 * 1024;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int VERSION_AND_RANDOM = 2 + 32;
    private static final int ALPN = 16;

    private final ByteBuf recordHeader = Unpooled.buffer(RECORD_HEADER, RECORD_HEADER);
    private final ByteBuf message = Unpooled.buffer();
    private int leftInRecord;
    private boolean ended;

    /**
     * Reads on; the buffer's own position stays.
     *
     * @return whether all of the message is there, or it is clear that this is none
     */
    boolean read(ByteBuf bytes) {
        ByteBuf rest = bytes.duplicate();
        while (!ended && rest.isReadable()) {
            ended = leftInRecord == 0 ? endsWithHeader(rest) : endsWithContent(rest);
        }
        return ended;
    }

    private boolean endsWithHeader(ByteBuf rest) {
        recordHeader.writeByte(rest.readByte());
        if (!recordHeader.isWritable()) {
            leftInRecord = recordHeader.getUnsignedShort(RECORD_HEADER - 2);
            recordHeader.clear();
        }
        return recordHeader.getByte(0) != HANDSHAKE;
    }

    private boolean endsWithContent(ByteBuf rest) {
        int part = Math.min(leftInRecord, rest.readableBytes());
        leftInRecord -= part;
        message.writeBytes(rest, part);
        if (message.readableBytes() < MESSAGE_HEADER) {
            return false;
        }
        int length = MESSAGE_HEADER + message.getUnsignedMedium(1);
        return message.getByte(0) != CLIENT_HELLO || length > LONGEST || message.readableBytes() >= length;
    }

    /** The ALPN protocols that a completely read message offers, preferred first (RFC 7301, section 3.1); empty for none. */
    List<String> applicationProtocols() {
        try {
            ByteBuf hello = message.duplicate().skipBytes(MESSAGE_HEADER + VERSION_AND_RANDOM);
            hello.skipBytes(hello.readUnsignedByte()); // session id
            hello.skipBytes(hello.readUnsignedShort()); // cipher suites
            hello.skipBytes(hello.readUnsignedByte()); // compression methods
            ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
            while (extensions.isReadable()) {
                int extension = extensions.readUnsignedShort();
                ByteBuf content = extensions.readSlice(extensions.readUnsignedShort());
                if (extension == ALPN) {
                    return names(content.readSlice(content.readUnsignedShort()));
                }
            }
            return List.of();
        } catch (IndexOutOfBoundsException malformed) {
            return List.of(); // The engine says so.
        }
    }

    private static List<String> names(ByteBuf list) {
        List<String> names = new ArrayList<>();
        while (list.isReadable()) {
            names.add(list.readSlice(list.readUnsignedByte()).toString(StandardCharsets.ISO_8859_1));
        }
        return names;
    }
}
