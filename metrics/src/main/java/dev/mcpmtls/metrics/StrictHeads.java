// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes on request heads that every HTTP implementation reads in the same way (RFC 9112). Anything else, a body included, is answered
 * with 400 and closes the connection.
 */
final class StrictHeads extends ByteToMessageDecoder {

    private static final int MOST_BYTES = 8 * 1024;
    private static final Pattern HEAD = Pattern.compile("(?:\\r\\n)?[A-Z]++ [!-~]++ HTTP/1\\.[01]\\r\\n"
            + "(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\\t -~\\x80-\\xff]*+\\r\\n)*+\\r\\n");
    private static final ByteBuf BAD_REQUEST = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", StandardCharsets.US_ASCII));

    private boolean refused;

    /** Checks all heads of a connection that has not been read from; on its event loop. */
    static void check(HttpConnection connection) {
        ((ConnectionBase) connection).channel().pipeline().addFirst(new StrictHeads());
    }

    @Override
    @SuppressWarnings("JdkObsolete") // hitEnd tells a head that is still arriving from a malformed one
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int length = Math.min(in.readableBytes(), MOST_BYTES);
        Matcher head = HEAD.matcher(in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1));
        if (head.lookingAt()) {
            out.add(in.readRetainedSlice(head.end()));
        } else if (!head.hitEnd() || length == MOST_BYTES) {
            refused = true;
            var unused = context.writeAndFlush(BAD_REQUEST.duplicate()).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
