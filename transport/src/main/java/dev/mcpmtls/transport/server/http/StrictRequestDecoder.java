// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
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
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.List;

/**
 * Vert.x's request decoder, which refuses as malformed what its own parser would unfold, skip or trim and {@link RequestLines} does
 * not allow. Nothing behind a malformed message is decoded.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

    private static final String NAME = "httpDecoder";

    private final RequestLines lines = new RequestLines();
    private boolean inBody;

    private StrictRequestDecoder(Http1ServerConfig http1) {
        super(http1);
    }

    /** Puts one into an HTTP/1.1 connection that has not been read from; on its event loop. */
    static void takeOver(HttpConnection connection, Http1ServerConfig http1) {
        ((ConnectionBase) connection).channel().pipeline().replace(NAME, NAME, new StrictRequestDecoder(http1));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (lines.isBroken()) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        int from = buffer.readerIndex();
        int before = out.size();
        boolean behindHead = inBody;
        super.decode(context, buffer, out);
        lines.read(buffer, from, buffer.readerIndex());
        for (int at = before; at < out.size(); at++) {
            HttpObject decoded = (HttpObject) out.get(at);
            if (decoded.decoderResult().isFailure()) {
                return;
            }
            follow(decoded);
        }
        if (lines.isBroken()) {
            HttpObject malformed = behindHead
                    ? new DefaultLastHttpContent()
                    : out.size() > before ? (HttpObject) out.get(before) : createInvalidMessage();
            malformed.setDecoderResult(DecoderResult.failure(new DecoderException("a line is malformed")));
            while (out.size() > before) {
                ReferenceCountUtil.release(out.remove(out.size() - 1));
            }
            out.add(malformed);
        }
    }

    private void follow(HttpObject decoded) {
        if (decoded instanceof HttpRequest request) {
            lines.headEnded(HttpUtil.isTransferEncodingChunked(request));
            inBody = true;
        }
        if (decoded instanceof LastHttpContent) {
            lines.messageEnded();
            inBody = false;
        }
    }
}
