// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import org.junit.jupiter.api.Test;

class PrepareCommandIT {

    @Test
    void usesEveryPartAndEndsWithoutAWord() {
        Run run = Run.of("prepare");

        assertThat(run.exit()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEmpty();
    }

    @Test
    void usesAServerFromAnotherProcess() {
        Run run = Run.of("prepare", "serve", "--calls", "2");

        assertThat(run.exit()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEmpty();
    }
}
