// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program that renews its credential and never closes the runner still exits after its main method. */
@Timeout(60)
class ForgottenRenewalIT {

    @TempDir
    private Path directory;

    /** The program, in a JVM of its own. */
    static final class Program {

        private Program() {}

        public static void main(String[] arguments) {
            System.out.println(RenewalRunner.start(Path.of(arguments[0])).isPresent() ? "renews" : "does not");
        }
    }

    @Test
    void endsWithItsProgram() throws Exception {
        Store store = Store.at(directory.resolve("store"));
        new FixedSurroundings().initialise(store);
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        store.credential("weather").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(program.waitFor(40, TimeUnit.SECONDS)).isTrue();
            assertThat(new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("renews");
        } finally {
            program.destroyForcibly();
        }
    }
}
