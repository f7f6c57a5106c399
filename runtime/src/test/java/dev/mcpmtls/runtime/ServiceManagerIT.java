// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A socket like systemd's, which takes what {@link ServiceManager} reports. */
@EnabledOnOs(OS.LINUX)
@Timeout(20)
class ServiceManagerIT {

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, SECONDS);
    }

    @Test
    void reportsThatItIsReadyAndThatItStops() throws InterruptedException {
        String socket = listen(directory.resolve("notify").toString());

        try (ServiceManager manager =
                ServiceManager.of(Map.of("NOTIFY_SOCKET", socket)).orElseThrow()) {
            manager.ready("serves echo", () -> CompletableFuture.completedFuture(null));
            assertThat(reports.poll(5, SECONDS)).isEqualTo("READY=1\nSTATUS=serves echo");
            manager.stopping();
            assertThat(reports.poll(5, SECONDS)).startsWith("STOPPING=1\n");
        }
    }

    @Test
    void reachesAnAbstractSocket() throws InterruptedException {
        String name = "mcp-mtls-test-" + ProcessHandle.current().pid() + "-" + directory.getFileName();
        listen('\0' + name);

        try (ServiceManager manager =
                ServiceManager.of(Map.of("NOTIFY_SOCKET", "@" + name)).orElseThrow()) {
            manager.stopping();
            assertThat(reports.poll(5, SECONDS)).startsWith("STOPPING=1");
        }
    }

    @Test
    void feedsTheWatchdogWhileTheServersRespond() throws InterruptedException {
        String socket = listen(directory.resolve("notify").toString());

        try (ServiceManager manager = ServiceManager.of(
                        watched(socket, "200000", ProcessHandle.current().pid()))
                .orElseThrow()) {
            manager.ready("", () -> CompletableFuture.completedFuture(null));
            assertThat(reports.poll(5, SECONDS)).startsWith("READY=1");
            assertThat(reports.poll(5, SECONDS)).isEqualTo("WATCHDOG=1");
            assertThat(reports.poll(5, SECONDS)).isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void doesNotFeedTheWatchdogWhileTheServersHang() throws InterruptedException {
        String socket = listen(directory.resolve("notify").toString());
        CompletableFuture<Void> hung = new CompletableFuture<>();
        BlockingQueue<Boolean> asked = new LinkedBlockingQueue<>();

        try (ServiceManager manager = ServiceManager.of(
                        watched(socket, "20000", ProcessHandle.current().pid()))
                .orElseThrow()) {
            manager.ready("", () -> {
                asked.add(true);
                return hung;
            });
            assertThat(reports.poll(5, SECONDS)).startsWith("READY=1");
            assertThat(asked.poll(5, SECONDS)).isTrue();
            assertThat(asked.poll(5, SECONDS)).isTrue();
            assertThat(reports).isEmpty();
            hung.complete(null);
            assertThat(reports.poll(5, SECONDS)).isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void leavesAWatchdogAloneThatIsMeantForAnotherProcess() throws InterruptedException {
        String socket = listen(directory.resolve("notify").toString());
        BlockingQueue<Boolean> asked = new LinkedBlockingQueue<>();

        try (ServiceManager manager =
                ServiceManager.of(watched(socket, "20000", 1)).orElseThrow()) {
            manager.ready("", () -> {
                asked.add(true);
                return CompletableFuture.completedFuture(null);
            });
            assertThat(reports.poll(5, SECONDS)).startsWith("READY=1");
            manager.stopping();
            assertThat(reports.poll(5, SECONDS)).startsWith("STOPPING=1");
            assertThat(asked).isEmpty();
        }
    }

    @Test
    void goesOnWithoutASocketThatListens() {
        String nowhere = directory.resolve("nowhere").toString();
        try (ServiceManager manager =
                ServiceManager.of(Map.of("NOTIFY_SOCKET", nowhere)).orElseThrow()) {
            manager.ready("", () -> CompletableFuture.completedFuture(null));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative/path", "vsock:2:1234"})
    void staysAwayFromSocketsThatItCannotReach(String socket) {
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", socket))).isEmpty();
    }

    private static Map<String, String> watched(String socket, String micros, long process) {
        return Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", micros, "WATCHDOG_PID", Long.toString(process));
    }

    private String listen(String path) {
        new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        reports.add(packet.content().toString(StandardCharsets.UTF_8));
                    }
                })
                .bind(new DomainSocketAddress(path))
                .syncUninterruptibly();
        return path;
    }
}
