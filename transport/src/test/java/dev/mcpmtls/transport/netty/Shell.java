// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs openssl and curl as a stranger's client. */
final class Shell {

    private Shell() {}

    /** Standard output and error of a command that gets {@code input} and at most 20 seconds. */
    static String run(Path directory, String input, List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
            in.flush();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running: " + command);
            }
            return out;
        } catch (java.io.IOException brokenPipe) {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** One request by {@code openssl s_client}; what it prints names the alert it received. */
    static String sClient(Path directory, int port, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-ign_eof"));
        command.addAll(List.of(options));
        return run(directory, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", command);
    }
}
