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
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that finds Java and starts the command. */
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

    /** With one category missing, Java uses none of the others either. */
    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @ValueSource(
            strings = {
                "LC_ALL=C",
                "LC_ALL=POSIX",
                "LC_ALL=de_DE.ISO-8859-1",
                "LC_ALL=xx_YY.UTF-8",
                "LC_ALL= LANG=C LC_CTYPE=C",
                "LC_ALL= LANG=C.UTF-8 LC_TIME=xx_YY.UTF-8"
            })
    void writesWhereItIsToldInAnyLocale(String locale) throws IOException {
        Run run = inShell(
                locale, "mkdir $'St\\303\\266re' && cd $'St\\303\\266re' && $LAUNCHER init --dir $'sch\\303\\274ssel'");

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(inShell(locale, "ls -d St*; ls -A St*").out()).isEqualTo("Störe\nschüssel\n");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void refusesWordsThatAreNotUtf8() throws IOException {
        assertThat(inShell("LC_ALL=C", "$LAUNCHER init --dir $'St\\366re'").err())
                .contains("is not UTF-8");
        assertThat(inShell("LC_ALL=C", "mkdir $'d\\366rt' && cd $'d\\366rt' && $LAUNCHER init")
                        .exit())
                .isEqualTo(2);
        assertThat(inShell("LC_ALL=C", "find . -name '*.key'").out()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void refusesWhatItCannotReadWhereNoLocaleHasUtf8() throws IOException {
        Path home = Product.launcher().getParent().getParent();
        Path launcher = Files.createDirectories(directory.resolve("other/bin")).resolve("mcp-mtls");
        Files.createSymbolicLink(directory.resolve("other/lib"), home.resolve("lib"));
        String script = Files.readString(Product.launcher());
        Files.writeString(launcher, script.replace("C.UTF-8 \"$own\" en_US.UTF-8", "none"));
        assertThat(launcher).content().isNotEqualTo(script);

        assertThat(inShell("LC_ALL=C", "bash " + launcher + " config --dir $'St\\303\\266re'")
                        .err())
                .contains("set LC_ALL to a locale with UTF-8");
        assertThat(inShell("LC_ALL=C", "bash " + launcher + " config --dir store")
                        .exit())
                .isZero();
    }

    private Run inShell(String environment, String script) {
        return Run.of(
                List.of("bash", "-c", "LAUNCHER=" + Product.launcher() + "; export " + environment + "; " + script),
                Map.of(),
                directory);
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

    /** The temporary directory, where they would be unpacked, may forbid execution. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void takesNativeLibrariesFromTheDistribution() throws Exception {
        Process demo = new ProcessBuilder(Product.launcher().toString(), "demo")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Path maps = Path.of("/proc", Long.toString(demo.pid()), "maps");
            List<String> mapped = List.of();
            while (mapped.isEmpty() && demo.isAlive()) {
                try (Stream<String> lines = Files.lines(maps)) {
                    mapped = lines.filter(line -> line.contains("libnetty_tcnative"))
                            .toList();
                }
                LockSupport.parkNanos(20_000_000); // leaves the processor to the demo
            }

            assertThat(mapped).isNotEmpty().allMatch(line -> line.contains("/lib/native/META-INF/native/"));
        } finally {
            demo.destroy();
            assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void saysThatAnEngineCannotBeUsedHere() {
        Map<String, String> without = Map.of("JAVA_OPTS", "-Dio.netty.handler.ssl.noOpenSsl=true");
        String launcher = Product.launcher().toString();
        assertThat(Run.of(List.of(launcher, "init"), Map.of(), directory).exit())
                .isZero();

        Run asked = Run.of(
                List.of(launcher, "doctor", "https://localhost:1/mcp", "--tls-engine", "boringssl"),
                without,
                directory);
        Run unasked = Run.of(List.of(launcher, "doctor", "https://localhost:1/mcp"), without, directory);

        assertThat(asked.exit()).isEqualTo(2);
        assertThat(asked.err()).contains("does not load here").contains("use the engine 'auto' or 'jdk'");
        assertThat(unasked.exit()).isEqualTo(3);
    }

    private static List<String> command(Path launcher) {
        return List.of(launcher.toString(), "--version");
    }
}
