// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Closes the streams of malformed requests. The codec resets such a stream (RFC 9113, section 8.1.1) without ever opening it. It would
 * treat further frames, already in flight, as frames of an idle stream, and end the connection. For a closed stream it only resets that
 * stream again (section 5.1). Neither the codec nor Vert.x reports such a stream, so this handler recognises it by the frame that resets it;
 * {@code Http2IT} fails without it.
 */
final class MalformedStreams extends ChannelOutboundHandlerAdapter {

    private static final int RST_STREAM_SIZE = 13;
    private static final int RST_STREAM_HEAD =
            4 << 8 | Http2FrameTypes.RST_STREAM; // the payload's length in octets, and the type
    private static final int STREAM = 5;

    private final Http2Connection connection;

    private MalformedStreams(Http2Connection connection) {
        this.connection = connection;
    }

    /** Watches the resets of an HTTP/2 connection that has not been read from; on its event loop. */
    static void watch(HttpConnection http2) {
        ChannelPipeline pipeline = ((ConnectionBase) http2).channel().pipeline();
        ChannelHandlerContext codec = pipeline.context(Http2ConnectionHandler.class);
        Http2Connection connection = ((Http2ConnectionHandler) codec.handler()).connection();
        pipeline.addBefore(codec.name(), null, new MalformedStreams(connection));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        // The codec writes a reset as one buffer. Heads of other frames differ, and neither text nor a header
        // block begins with two zero bytes.
        if (message instanceof ByteBuf frame
                && frame.readableBytes() == RST_STREAM_SIZE
                && frame.getInt(frame.readerIndex()) == RST_STREAM_HEAD) {
            close(frame.getInt(frame.readerIndex() + STREAM));
        }
        var unused = context.write(message, promise);
    }

    private void close(int stream) {
        if (connection.remote().isValidStreamId(stream) && !connection.streamMayHaveExisted(stream)) {
            try {
                connection.remote().createStream(stream, true).close();
            } catch (Http2Exception tooMany) {
                // The client already has as many streams open as it may. Further frames then end its connection.
            }
        }
    }
}
