// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that finds a Java and starts the command with it. */
class LauncherIT {

    private static final String WHERE = "mcp-mtls, the whole story, in ";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-Xmx64m",
                "-XX:MinHeapFreeRatio=50",
                "-XX:MinHeapFreeRatio=5 -XX:MaxHeapFreeRatio=10",
                "-XX:+UseG1GC -Xms8m",
                "-XX:MaxRAMPercentage=50"
            })
    void startsWithTheUsersOwnOptions(String options) {
        Run run = Run.of(command(Product.launcher()), Map.of("JAVA_OPTS", options), directory);

        assertThat(run.out()).startsWith("mcp-mtls ");
        assertThat(run.exit()).isZero();
    }

    @Test
    void startsThroughALinkFromElsewhere() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("first"), Product.launcher());
        Files.createDirectory(directory.resolve("bin"));
        Path second = Files.createSymbolicLink(directory.resolve("bin/second"), Path.of("../first"));

        assertThat(Run.of(command(link), Map.of(), directory).exit()).isZero();
        assertThat(Run.of(command(second), Map.of(), directory).exit()).isZero();
        assertThat(Run.of(List.of("bash", "first", "--version"), Map.of(), directory)
                        .exit())
                .isZero();
    }

    @Test
    void saysWhichJavaIsMissing() {
        Run run = Run.of(command(Product.launcher()), Map.of("JAVA_HOME", directory.toString()), directory);

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("JAVA_HOME is " + directory).contains("unset it to use the PATH");
    }

    @Test
    void saysThatAJavaIsTooOld() throws IOException {
        Path java = Files.createDirectories(directory.resolve("old/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nexit 1\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(directory.resolve("old/release"), "JAVA_VERSION=\"11.0.2\"\n");

        Run run = Run.of(
                command(Product.launcher()),
                Map.of("JAVA_HOME", directory.resolve("old").toString()),
                directory);

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("is Java 11; 17 or newer is needed");
    }

    @Test
    void aDemoThatIsToldToEndLeavesNoKeys() throws Exception {
        Process demo = new ProcessBuilder(Product.launcher().toString(), "demo")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader printed = demo.inputReader(StandardCharsets.UTF_8)) {
            String first = String.valueOf(printed.readLine());
            assertThat(first).startsWith(WHERE).endsWith(" (removed afterwards)");
            Path keys = Path.of(first.substring(WHERE.length(), first.lastIndexOf(" (")));
            assertThat(keys).exists();

            demo.destroy();

            assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(keys).doesNotExist();
        } finally {
            demo.destroyForcibly();
        }
    }

    private static List<String> command(Path launcher) {
        return List.of(launcher.toString(), "--version");
    }
}
