// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeTextIT {

    private static final String STORE = "$(printf 'St\\303\\266re')";

    @TempDir
    Path directory;

    @Test
    void refusesArgumentsThatTheLocaleCannotRead() throws Exception {
        assertThat(exit("C", "java init --dir " + STORE)).isEqualTo(ExitCode.USAGE.number());
        assertThat(written()).isEmpty();
    }

    @Test
    void refusesVariablesThatTheLocaleCannotRead() throws Exception {
        assertThat(exit("C", "MCP_MTLS_DIR=" + STORE + " java init")).isEqualTo(ExitCode.USAGE.number());
        assertThat(written()).isEmpty();
    }

    @Test
    void refusesADirectoryThatTheLocaleCannotRead() throws Exception {
        assertThat(exit("C", "mkdir " + STORE + " && cd " + STORE + " && java init"))
                .isEqualTo(ExitCode.USAGE.number());
        assertThat(written()).noneMatch(file -> file.endsWith(".key"));
    }

    @Test
    void refusesArgumentsInAnotherEncoding() throws Exception {
        assertThat(exit("C.UTF-8", "java init --dir $(printf 'St\\366re')")).isEqualTo(ExitCode.USAGE.number());
        assertThat(written()).isEmpty();
    }

    @Test
    void readsThemInAnyOtherLocale() throws Exception {
        assertThat(exit("C.UTF-8", "java init --dir " + STORE + " && test -d " + STORE + "/authority"))
                .isZero();
    }

    @Test
    void readsPlainOnesInEveryLocale() throws Exception {
        assertThat(exit("C", "java init --dir store && test -d store/authority"))
                .isZero();
    }

    private int exit(String locale, String script) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")) && Files.exists(Path.of("/proc/self/cwd")), "not on Linux");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder bash = new ProcessBuilder(
                        "/bin/bash",
                        "-c",
                        "java() { \"$JAVA\" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp \"$CLASSES\" "
                                + Cli.class.getName() + " \"$@\"; }; " + script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        bash.environment().put("LC_ALL", locale);
        bash.environment().put("JAVA", java);
        bash.environment().put("CLASSES", System.getProperty("java.class.path"));
        Process process = bash.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private java.util.List<String> written() throws IOException, InterruptedException {
        Process find = new ProcessBuilder("find", directory.toString(), "-type", "f").start();
        String files = new String(find.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        find.waitFor(10, TimeUnit.SECONDS);
        return Stream.of(files.split("\n")).filter(file -> !file.isEmpty()).toList();
    }
}
