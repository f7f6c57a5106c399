// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Vert.x's request decoder, which refuses as malformed what its own parser would unfold, skip or trim and {@link RequestLines} does
 * not allow. Nothing behind a malformed message is decoded. A body with a malformed chunk or trailer ends there, and its request is
 * marked, because Vert.x would close the connection before it could be refused.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

    private static final String NAME = "httpDecoder";

    /** Vert.x's handler for files as bodies, of which this server sends none. */
    private static final String FILES = "chunkedWriter";

    /** The mark in a request's headers; a client that sends it itself has its request refused. */
    private static final String MALFORMED_BODY = "mcp-mtls-malformed-body";

    private final RequestLines lines = new RequestLines();
    private @Nullable HttpRequest head;
    private boolean isOver;

    private StrictRequestDecoder(Http1ServerConfig http1) {
        super(http1);
    }

    /** Puts one into an HTTP/1.1 connection that has not been read from; on its event loop. */
    static void takeOver(HttpConnection connection, Http1ServerConfig http1) {
        ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
        pipeline.replace(NAME, NAME, new StrictRequestDecoder(http1));
        if (pipeline.get(FILES) != null) {
            pipeline.remove(FILES);
        }
    }

    /** Whether the body of a request ended because it was malformed; known when the request has ended. */
    static boolean isBodyMalformed(HttpServerRequest request) {
        return request.headers().contains(MALFORMED_BODY);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (isOver) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        int from = buffer.readerIndex();
        int before = out.size();
        HttpRequest withBody = head;
        super.decode(context, buffer, out);
        lines.read(buffer, from, buffer.readerIndex());
        for (int at = before; at < out.size() && !isOver; at++) {
            HttpObject decoded = (HttpObject) out.get(at);
            isOver = decoded.decoderResult().isFailure();
            if (!isOver) {
                follow(decoded);
            }
        }
        isOver |= lines.isBroken();
        if (isOver && withBody != null) {
            withBody.headers().set(MALFORMED_BODY, "");
            leaveOnly(new DefaultLastHttpContent(), out, before);
        } else if (lines.isBroken() && !isRefusedAlready(out, before)) {
            HttpObject malformed = out.size() > before ? (HttpObject) out.get(before) : createInvalidMessage();
            malformed.setDecoderResult(DecoderResult.failure(new DecoderException("a line is malformed")));
            leaveOnly(malformed, out, before);
        }
    }

    private static boolean isRefusedAlready(List<Object> out, int from) {
        return out.size() > from
                && ((HttpObject) out.get(out.size() - 1)).decoderResult().isFailure();
    }

    private static void leaveOnly(HttpObject last, List<Object> out, int from) {
        while (out.size() > from) {
            ReferenceCountUtil.release(out.remove(out.size() - 1));
        }
        out.add(last);
    }

    private void follow(HttpObject decoded) {
        if (decoded instanceof HttpRequest request) {
            lines.headEnded(HttpUtil.isTransferEncodingChunked(request));
            head = request;
        }
        if (decoded instanceof LastHttpContent) {
            lines.messageEnded();
            head = null;
        }
    }
}
