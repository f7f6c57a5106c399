// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A finished command.
 *
 * @param exit its exit code
 * @param out its standard output
 * @param err its standard error
 */
record Run(int exit, String out, String err) {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Runs a command with empty standard input; fails after a minute. */
    static Run of(List<String> command, Map<String, String> environment, Path directory) {
        return of(command, environment, directory, LIMIT);
    }

    /** As {@link #of(List, Map, Path)}, within another limit. */
    static Run of(List<String> command, Map<String, String> environment, Path directory, Duration limit) {
        try {
            Path out = Files.createTempFile("run", ".out");
            Path err = Files.createTempFile("run", ".err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + limit + ": " + command);
            }
            return new Run(process.exitValue(), text(out), text(err));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while running " + command, e);
        }
    }

    /** As {@link #of(List, Map, Path)}, in the current directory with the current environment. */
    static Run of(String... command) {
        return of(List.of(command), Map.of(), Path.of("").toAbsolutePath());
    }

    /** Whether a program is available on this machine. */
    static boolean has(String program) {
        return Run.of("sh", "-c", "command -v " + program).exit() == 0;
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
