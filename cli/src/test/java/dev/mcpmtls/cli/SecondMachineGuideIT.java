// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guide "Bring in a second machine", word for word, but for names and ports: each machine is a directory of its own. Another user joins in
 * {@code acceptance}.
 */
@Timeout(180)
class SecondMachineGuideIT {

    private static final Path GUIDE = Path.of("..", "docs", "guides", "second-machine.md");
    private static final Pattern BLOCK = Pattern.compile("<!-- on: (\\w+) -->\n```sh\n(.*?)```", Pattern.DOTALL);
    private static final Pattern TOKEN = Pattern.compile("mcpmtls1_[A-Za-z0-9_-]+");

    @TempDir
    private Path machines;

    private final List<Process> running = new ArrayList<>();
    private final Map<String, String> words = new LinkedHashMap<>();
    private final StringBuilder all = new StringBuilder();

    @BeforeEach
    void command() throws IOException {
        Path command = Files.createDirectories(machines.resolve("bin")).resolve("mcp-mtls");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Files.writeString(
                command,
                "#!/bin/sh\nexec " + java + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '"
                        + absolute(System.getProperty("java.class.path")) + "' " + Cli.class.getName() + " \"$@\"\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        words.put("0.0.0.0:8440", "127.0.0.1:" + freePort());
        words.put("0.0.0.0:8445", "127.0.0.1:" + freePort());
        words.put(
                "tools.example.org:8445",
                "localhost:" + words.get("0.0.0.0:8445").substring(10));
        words.put("ca.example.org", "localhost");
        words.put("tools.example.org", "localhost");
        words.put("authority invite", "authority invite --local");
    }

    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(":")) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(":", entries);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (Process process : running) {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void isFollowedWordForWord() throws Exception {
        Matcher block = BLOCK.matcher(Files.readString(GUIDE));
        while (block.find()) {
            for (String line : block.group(2).lines().toList()) {
                run(block.group(1), line);
            }
        }
        assertThat(all)
                .contains("joined as echo")
                .contains("joined as laptop-7 for spiffe://demo.local/agent/laptop-7")
                .contains("\nhello\n")
                .contains("revoked laptop-7")
                .contains("echo enrolled by invitation");
    }

    private void run(String machine, String line) throws Exception {
        String command = line;
        for (Map.Entry<String, String> word : words.entrySet()) {
            command = command.replace(word.getKey(), word.getValue());
        }
        Path directory = Files.createDirectories(machines.resolve(machine));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec " + command).directory(directory.toFile());
        builder.environment().put("PATH", machines.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("NO_COLOR", "1");
        Path out = Files.createTempFile(machines, machine, ".out");
        builder.redirectErrorStream(true).redirectOutput(out.toFile());
        if (line.endsWith(" join -")) {
            builder.redirectInput(machines.resolve("token").toFile());
        }
        Process process = builder.start();
        if (line.contains(" serve ")) {
            running.add(process);
            awaitReady(process, out);
            return;
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String told = Files.readString(out);
        assertThat(process.exitValue()).as(command + "\n" + told).isZero();
        all.append(told);
        Matcher token = TOKEN.matcher(told);
        if (token.find()) {
            Files.writeString(machines.resolve("token"), token.group() + "\n");
        }
    }

    private static void awaitReady(Process process, Path out) throws Exception {
        while (process.isAlive() && !Files.readString(out).contains(" ready at ")) {
            process.waitFor(50, TimeUnit.MILLISECONDS);
        }
        assertThat(process.isAlive()).as(Files.readString(out)).isTrue();
    }
}
