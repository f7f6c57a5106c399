// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store of the test's own. */
abstract class StoreFixture {

    @TempDir
    Path temporary;

    String dir = "";

    @BeforeEach
    void nameTheStore() {
        dir = temporary.resolve("store").toString();
    }

    Path key(String name) {
        return Path.of(dir, "credentials", name, "tls.key");
    }

    void init() {
        assertThat(Run.of("init", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }
}
