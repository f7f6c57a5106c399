// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The script of the packaged command, with the quick start that a first {@code init} makes, so that every test's commands begin alike. */
final class Launcher {

    /** Java loads and writes thousands of classes, which takes a busy machine longer than any command may. */
    private static final Duration FIRST_INIT = Duration.ofMinutes(5);

    static final Path PREPARED = prepared(packaged());

    private Launcher() {}

    private static Path packaged() {
        Path target = Path.of("..", "cli", "target").toAbsolutePath().normalize();
        try (Stream<Path> files = Files.find(target, 4, (path, attributes) -> path.endsWith("bin/mcp-mtls"))) {
            return files.findFirst().orElseThrow(() -> new AssertionError("no packaged command below " + target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path prepared(Path launcher) {
        try {
            Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
            List<String> init = List.of(launcher.toString(), "init", "--dir", "first-init");
            Run run = Run.of(init, Map.of(), target, FIRST_INIT);
            assertThat(run.exit()).as(run.err()).isZero();
            try (Stream<Path> caches = Files.list(launcher.getParent().resolveSibling("cache"))) {
                assertThat(caches)
                        .as("quick starts")
                        .anyMatch(cache -> cache.getFileName().toString().contains("-commands-"));
            }
            return launcher;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
