// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {

    @TempDir
    private Path directory;

    @Test
    void everyCheckHoldsAndFitsATerminal() {
        Run run = Run.of("demo", "--dir", directory.toString());

        assertThat(run.exit()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out().lines().skip(1))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(run.out()).contains("All 16 checks hold").doesNotContain("✗", "\u001b");
        assertThat(directory.resolve("audit.jsonl")).exists();
    }

    @Test
    void canBeSeenAgainInTheSameDirectory() {
        Run.of("demo", "--dir", directory.toString());

        assertThat(Run.of("demo", "--dir", directory.toString()).exit()).isEqualTo(ExitCode.DONE);
    }
}
