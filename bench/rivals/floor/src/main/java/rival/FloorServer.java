// SPDX-License-Identifier: Apache-2.0
package rival;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.nio.charset.StandardCharsets;

/** Bare Netty with BoringSSL: mutual TLS 1.3, HTTP/1.1, and one fixed answer under the request's id. No MCP, no JSON parser, no rules, no log. */
public final class FloorServer {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        File pki = new File(args[1]);
        Answer answer = new Answer(args[2]);
        SslContext tls = SslContextBuilder.forServer(new File(pki, "server.crt"), new File(pki, "server.key"))
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .trustManager(new File(pki, "ca.crt"))
                .clientAuth(ClientAuth.REQUIRE)
                .build();
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory()))
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(tls.newHandler(channel.alloc()))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(1 << 20))
                                .addLast(answer);
                    }
                })
                .bind("127.0.0.1", port)
                .sync();
    }

    @Sharable
    private static final class Answer extends SimpleChannelInboundHandler<FullHttpRequest> {
        private static final ByteBuf ID =
                Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\"id\":", StandardCharsets.US_ASCII));
        private final byte[] before = "{\"jsonrpc\":\"2.0\",\"id\":".getBytes(StandardCharsets.US_ASCII);
        private final byte[] after;

        Answer(String result) {
            after = (",\"result\":" + result + "}").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            ByteBuf body = context.alloc().buffer().writeBytes(before);
            writeId(request.content(), body);
            body.writeBytes(after);
            DefaultFullHttpResponse response =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                    .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            context.writeAndFlush(response);
        }

        /** Copies the digits behind the first "id". */
        private static void writeId(ByteBuf request, ByteBuf body) {
            int at = ByteBufUtil.indexOf(ID, request) + ID.readableBytes();
            while (Character.isDigit(request.getByte(at))) {
                body.writeByte(request.getByte(at++));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // a refused handshake, or a client that left
        }
    }
}
