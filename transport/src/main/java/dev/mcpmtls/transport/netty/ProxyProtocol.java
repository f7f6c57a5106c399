// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.TlsProfile;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A transport of Vert.x whose servers believe the PROXY protocol headers of listed balancers. Connections from their addresses must begin
 * with a header; other connections are not affected. Vert.x's own option expects a header of every client.
 */
public final class ProxyProtocol implements Transport {

    private final Transport sockets;
    private final TlsProfile profile;
    private final List<Network> balancers;
    private final AtomicInteger waiting = new AtomicInteger();

    private ProxyProtocol(Transport sockets, TlsProfile profile, List<Network> balancers) {
        this.sockets = sockets;
        this.profile = profile;
        this.balancers = List.copyOf(balancers);
    }

    /**
     * The system's own transport, or the JDK's, with the headers.
     *
     * @param profile how long a header may take (as a handshake), and where refusals are recorded
     * @param balancers the addresses whose headers are believed
     */
    public static io.vertx.core.transport.Transport from(List<Network> balancers, TlsProfile profile) {
        io.vertx.core.transport.Transport system = io.vertx.core.transport.Transport.nativeTransport();
        io.vertx.core.transport.Transport sockets =
                system != null && system.available() ? system : io.vertx.core.transport.Transport.NIO;
        Transport extended = new ProxyProtocol(sockets.implementation(), profile, balancers);
        return new io.vertx.core.transport.Transport() {
            @Override
            public String name() {
                return sockets.name();
            }

            @Override
            public boolean available() {
                return sockets.available();
            }

            @Override
            public Throwable unavailabilityCause() {
                return sockets.unavailabilityCause();
            }

            @Override
            public Transport implementation() {
                return extended;
            }
        };
    }

    /** Vert.x has set the handler that makes its pipeline by then. */
    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
        sockets.configure(config, domainSocket, bootstrap);
        bootstrap.childHandler(new Entrance(bootstrap.config().childHandler()));
    }

    @ChannelHandler.Sharable
    private final class Entrance extends ChannelInitializer<Channel> {

        private final ChannelHandler next;

        Entrance(ChannelHandler next) {
            this.next = next;
        }

        @Override
        protected void initChannel(Channel connection) {
            boolean isForwarded = connection.remoteAddress() instanceof InetSocketAddress remote
                    && balancers.stream().anyMatch(network -> network.contains(remote.getAddress()));
            connection.pipeline().addLast(isForwarded ? new ProxyHeaderGate(profile, next, waiting) : next);
        }
    }

    @Override
    public boolean supportsDomainSockets() {
        return sockets.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
        return sockets.supportFileRegion();
    }

    @Override
    public boolean isAvailable() {
        return sockets.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
        return sockets.unavailabilityCause();
    }

    @Override
    public java.net.SocketAddress convert(SocketAddress address) {
        return sockets.convert(address);
    }

    @Override
    public SocketAddress convert(java.net.SocketAddress address) {
        return sockets.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return sockets.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
        return sockets.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    @SuppressWarnings("deprecation") // the interface has no other
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return sockets.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
        return sockets.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return sockets.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return sockets.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        sockets.configure(channel, options);
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, Bootstrap bootstrap) {
        sockets.configure(config, domainSocket, bootstrap);
    }
}
