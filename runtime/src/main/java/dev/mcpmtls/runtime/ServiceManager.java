// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports to the service manager that started this process, by the protocol of {@code sd_notify(3)}: {@code READY=1} when the servers
 * listen, {@code STOPPING=1} when they drain, and {@code WATCHDOG=1} while they respond ({@code sd_watchdog_enabled(3)}).
 *
 * <p>Java has no datagrams over Unix sockets; Netty's epoll transport, which the servers use on Linux, has. A report that cannot be
 * sent is logged, and changes nothing else. Thread-safe.
 */
public final class ServiceManager implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Optional<Duration> watchdog;
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("service-manager", true), EpollIoHandler.newFactory());
    private final ChannelFuture connected;

    private ServiceManager(String path, Optional<Duration> watchdog) {
        this.watchdog = watchdog;
        this.connected = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress(path.startsWith("@") ? '\0' + path.substring(1) : path));
    }

    /**
     * The service manager that the environment names in {@code NOTIFY_SOCKET}; empty when there is none, or when this machine cannot
     * reach it, which is logged.
     *
     * @param environment {@code WATCHDOG_USEC} is in microseconds; {@code WATCHDOG_PID} names the process that it is meant for
     */
    public static Optional<ServiceManager> of(Map<String, String> environment) {
        String path = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (path.isEmpty()) {
            return Optional.empty();
        }
        if (!path.startsWith("/") && !path.startsWith("@")) {
            log.warn(
                    "cannot report to the service manager: NOTIFY_SOCKET is neither an absolute path nor an abstract name");
            return Optional.empty();
        }
        if (!Epoll.isAvailable()) {
            log.warn(
                    "cannot report to the service manager: the native library of Netty's epoll transport is not available here");
            return Optional.empty();
        }
        return Optional.of(new ServiceManager(path, watchdog(environment)));
    }

    private static Optional<Duration> watchdog(Map<String, String> environment) {
        String process = environment.getOrDefault("WATCHDOG_PID", "");
        if (!process.isEmpty()
                && !process.equals(Long.toString(ProcessHandle.current().pid()))) {
            return Optional.empty();
        }
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        return micros.matches("[1-9][0-9]{0,17}")
                ? Optional.of(Duration.of(Long.parseLong(micros), ChronoUnit.MICROS))
                : Optional.empty();
    }

    /**
     * The servers listen. From now on the watchdog is fed every half of its time.
     *
     * @param status one line for {@code systemctl status}
     * @param pulse completes when the servers respond; while it does not, the watchdog is not fed
     */
    public void ready(String status, Supplier<CompletionStage<?>> pulse) {
        send("READY=1\nSTATUS=" + status.replace('\n', ' '));
        watchdog.ifPresent(limit -> {
            long half = Math.max(1, limit.toNanos() / 2);
            var unused = loop.scheduleAtFixedRate(
                    () -> pulse.get().thenRun(() -> send("WATCHDOG=1")), half, half, TimeUnit.NANOSECONDS);
        });
    }

    /** The servers accept no new connections and finish what is in flight. */
    public void stopping() {
        send("STOPPING=1\nSTATUS=finishing the calls in flight");
    }

    private void send(String state) {
        connected.addListener(done -> connected
                .channel()
                .writeAndFlush(Unpooled.copiedBuffer(state, StandardCharsets.UTF_8))
                .addListener(sent -> {
                    if (!sent.isSuccess()) {
                        Throwable why = done.isSuccess() ? sent.cause() : done.cause();
                        log.warn("cannot report to the service manager: {}", String.valueOf(why));
                    }
                }));
    }

    /** Sends what is left, for at most two seconds. */
    @Override
    public void close() {
        loop.shutdownGracefully(0, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
