// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The log says what is wrong with a server behind the gateway, and says it once. */
@Timeout(120)
class GatewayLogIT {

    private static final String STUBBORN = """
        trap '' TERM
        while IFS= read -r line; do
          case $line in *'"id":'*) ;; *) continue ;; esac
          id=${line#*'"id":'}
          id=${id%%[,\\}]*}
          case $line in
            *'"initialize"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}}' ;;
            *'"tools/list"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"tools":[]}}' ;;
            *) echo '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"no"}}' ;;
          esac
        done
        while :; do sleep 1; done
        """;

    @TempDir
    private Path directory;

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        assertThat(Run.of("init", "--dir", store()).code()).isZero();
        logger().setLevel(Level.INFO);
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void unhook() {
        logger().detachAppender(log);
        logger().setLevel(null);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("dev.mcpmtls.gateway");
    }

    private String store() {
        return directory.resolve("store").toString();
    }

    private Settings settings(String entry, String... more) throws Exception {
        return Settings.load(Files.writeString(
                directory.resolve("settings.yaml"),
                "dir: " + store() + "\nservers:\n  files: {listen: \"127.0.0.1:0\", credential: echo, " + entry + "}\n"
                        + String.join("\n", more)));
    }

    private static boolean comesTrue(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            LockSupport.parkNanos(50_000_000);
        }
        return true;
    }

    private long count(String text) {
        return lines.stream().filter(line -> line.contains(text)).count();
    }

    @Test
    void aUrlThatCannotBeReachedIsToldOnceBeforeAClientCalls() throws Exception {
        Settings settings = settings("url: \"http://127.0.0.1:1/mcp\"", "health: {listen: \"127.0.0.1:0\"}");
        try (AuditLog audit = Stores.audit(settings);
                RunningServers running =
                        RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
            assertThat(comesTrue(() -> count("the server files at 127.0.0.1:1 cannot be reached") == 1))
                    .isTrue();
            assertThat(ready(running))
                    .contains("{\"name\":\"server files\",\"status\":\"degraded\",\"detail\":\"cannot be reached");
            String url = running.member("files").uri().toString();
            for (int call = 0; call < 3; call++) {
                assertThat(Run.of("tools", url, "--dir", store()).err()).contains("files");
            }
        }
        assertThat(count("the server files at 127.0.0.1:1 cannot be reached")).isEqualTo(1);
    }

    @Test
    void aUrlThatCanBeReachedIsReadyWithoutAWord() throws Exception {
        try (ServerSocket there = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Settings settings = settings(
                    "url: \"http://127.0.0.1:" + there.getLocalPort() + "/mcp\"", "health: {listen: \"127.0.0.1:0\"}");
            try (AuditLog audit = Stores.audit(settings);
                    RunningServers running =
                            RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
                assertThat(comesTrue(() -> ready(running).contains("can be reached")))
                        .isTrue();
            }
        }
        assertThat(count("cannot be reached")).isZero();
    }

    private static String ready(RunningServers running) {
        try (InputStream in = URI.create(running.monitoringAddress().orElseThrow() + "/health/ready")
                .toURL()
                .openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aServerThatDoesNotExitIsToldOfEachSignal() throws Exception {
        Path script = Files.writeString(directory.resolve("server.sh"), STUBBORN);
        Settings settings = settings("command: [/bin/sh, " + script + "], idle-timeout: 1s");
        try (AuditLog audit = Stores.audit(settings);
                RunningServers running =
                        RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
            Run listed = Run.of("tools", running.member("files").uri().toString(), "--dir", store());
            assertThat(listed.code()).as(listed.err()).isZero();
            assertThat(comesTrue(() ->
                            count("does not exit: it gets SIGTERM") > 0 && count("does not exit: it gets SIGKILL") > 0))
                    .isTrue();
            assertThat(comesTrue(() -> count(", ended: ") > 0)).isTrue();
        }
    }
}
