// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds back a client's close_notify until its requests are answered (RFC 8446, section 6.1: it ends one direction only). BoringSSL
 * ends both directions when it reads one, and Netty's TLS handler closes the connection. Stands before the TLS handler and reads no
 * more than the heads of records.
 *
 * <p>It holds only the last record that has arrived, and only if that may be an alert; in TLS 1.3 its length alone tells (section 5.2).
 * More data releases it. A short record with other content therefore waits at most while a complete request is being answered. On
 * HTTP/1.1 that delays nothing, because data behind such a request is not used before. The time is bounded like that of every answer. A
 * client that closes TCP too is disconnected at once. An alert with more padding than JSSE's is not recognised, and ends the connection
 * immediately.
 */
final class CloseNotifyDelay extends ChannelInboundHandlerAdapter {

    private static final int HEAD = 5;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;

    /** In TLS 1.3 an alert's two octets, one for its type, and the authentication tag of every AEAD cipher of ours. */
    private static final int SHORTEST_ENCRYPTED = 2 + 1 + 16;

    /** JSSE pads each record with 16 octets. No whole request fits into as many. */
    private static final int LONGEST_ENCRYPTED = SHORTEST_ENCRYPTED + 16;

    /** More than an alert of TLS 1.2 takes with any cipher: explicit nonce or IV, MAC and padding included. */
    private static final int LONGEST_ALERT = 128;

    private final BooleanSupplier decoded;
    private BooleanSupplier owesAnswers = () -> false;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf held;
    private int restOfRecord;
    private boolean notTls;

    /**
     * For one connection.
     *
     * @param decoded whether the TLS handler has decoded everything that it has received
     */
    CloseNotifyDelay(BooleanSupplier decoded) {
        this.decoded = decoded;
    }

    /** From now on a close_notify waits while {@code owes} says so. */
    void delayWhile(BooleanSupplier owes) {
        owesAnswers = owes;
    }

    /** Looks again whether the record may go on, once what is in progress on the event loop is done. */
    void reconsider() {
        if (held != null && context != null) {
            context.executor().execute(this::releaseIfDue);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext here, Object message) {
        ByteBuf bytes = joined(here, (ByteBuf) message);
        int kept = bytes.writerIndex() - lastRecord(bytes);
        if (kept > 0) {
            held = here.alloc().buffer(kept).writeBytes(bytes, bytes.writerIndex() - kept, kept);
            bytes.writerIndex(bytes.writerIndex() - kept);
        }
        if (bytes.isReadable()) {
            here.fireChannelRead(bytes);
        } else {
            bytes.release();
        }
        releaseIfDue();
    }

    private ByteBuf joined(ChannelHandlerContext here, ByteBuf arrived) {
        ByteBuf before = held;
        if (before == null) {
            return arrived;
        }
        held = null;
        ByteBuf joined = here.alloc().buffer(before.readableBytes() + arrived.readableBytes());
        joined.writeBytes(before).writeBytes(arrived);
        before.release();
        arrived.release();
        return joined;
    }

    /** Where the last record begins if it may be an alert, or has no whole head yet; else the end. */
    private int lastRecord(ByteBuf bytes) {
        int end = bytes.writerIndex();
        int at = bytes.readerIndex() + Math.min(restOfRecord, bytes.readableBytes());
        restOfRecord -= at - bytes.readerIndex();
        while (at < end && !notTls) {
            if (end - at < HEAD) {
                return at;
            }
            int type = bytes.getUnsignedByte(at);
            int length = bytes.getUnsignedShort(at + 3);
            int next = at + HEAD + length;
            notTls = type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA;
            if (next >= end && mayBeAlert(type, length)) {
                return at;
            }
            restOfRecord = Math.max(0, next - end);
            at = Math.min(next, end);
        }
        return end;
    }

    private static boolean mayBeAlert(int type, int length) {
        return type == ALERT
                ? length <= LONGEST_ALERT
                : type == APPLICATION_DATA && length >= SHORTEST_ENCRYPTED && length <= LONGEST_ENCRYPTED;
    }

    private void releaseIfDue() {
        ByteBuf last = held;
        if (last != null && isWhole(last) && decoded.getAsBoolean() && !owesAnswers.getAsBoolean()) {
            release();
        }
    }

    private static boolean isWhole(ByteBuf record) {
        return record.readableBytes() >= HEAD
                && record.readableBytes() == HEAD + record.getUnsignedShort(record.readerIndex() + 3);
    }

    private void release() {
        ByteBuf last = held;
        if (last != null && context != null) {
            held = null;
            context.fireChannelRead(last);
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext here) {
        release();
        here.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext here) {
        context = null;
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
