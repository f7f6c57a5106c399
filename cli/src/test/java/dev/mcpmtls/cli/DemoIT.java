// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {

    @TempDir
    private Path directory;

    @Test
    void everyCheckHoldsAndFitsATerminal() throws IOException {
        Run run = Run.of("demo", "--dir", directory.toString());

        assertThat(run.exit()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out().lines().skip(1))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(run.out()).contains("All 23 checks hold").doesNotContain("✗", "\u001b");
        assertThat(directory.resolve("audit.jsonl")).exists();
        assertThat(run.out().lines().toList()).containsSubsequence(extractInReadme());
    }

    /** Without the lines that differ from run to run. */
    private static List<String> extractInReadme() throws IOException {
        String firstBlock = Files.readString(Path.of("..", "README.md")).split("```\n")[1];
        return firstBlock
                .lines()
                .filter(line -> !line.matches(" *(Weather|Time) in .*"))
                .toList();
    }

    @Test
    void canBeSeenAgainInTheSameDirectory() {
        Run.of("demo", "--dir", directory.toString());

        assertThat(Run.of("demo", "--dir", directory.toString()).exit()).isEqualTo(ExitCode.DONE);
    }
}
