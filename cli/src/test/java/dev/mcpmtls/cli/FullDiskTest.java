// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A list that is cut off must not look whole to a script. */
class FullDiskTest {

    @TempDir
    Path directory;

    @BeforeEach
    void init() {
        assertThat(Run.of("init", "--dir", directory.toString()).code()).isZero();
    }

    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @ValueSource(strings = {"config --keys", "config", "cert list", "cert list --json", "audit", "--help"})
    void whatCannotBePrintedIsAFailure(String command) throws IOException {
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();

            int code = Cli.run(new Console(full, err, false, false), Map.of(), arguments(command));

            assertThat(ExitCode.values()[code]).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot write to standard output: No space left");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"config --keys", "cert list"})
    void aReaderThatLeavesEarlyIsNot(String command) {
        OutputStream left = new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        assertThat(Cli.run(new Console(left, err, false, false), Map.of(), arguments(command)))
                .isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private String[] arguments(String command) {
        return command.equals("--help") ? new String[] {command} : (command + " --dir " + directory).split(" ", -1);
    }
}
