// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store belongs to one user. The message to another user says so, rather than that the store is missing. Needs root, to
 * become another.
 */
class AnotherUserIT {

    private static final String NOBODY = "65534";

    private static Product product;

    @BeforeAll
    static void init(@TempDir Path directory) throws IOException {
        boolean isRoot = "root".equals(System.getProperty("user.name"));
        assumeTrue(
                isRoot && Run.has("setpriv") && asNobody(directory, "--version").exit() == 0);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        product = new Product(directory);
        assertThat(product.run("init").exit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "init",
                "cert list",
                "cert check",
                "cert show echo",
                "cert renew echo",
                "serve echo",
                "ask hello",
                "call echo echo",
                "tools echo",
                "doctor echo",
                "audit"
            })
    void isToldThatTheStoreIsNotTheirs(String command) {
        Run run = asNobody(product.directory(), command.split(" "));

        assertThat(run.exit()).as(run.out()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(2); // the cause, and the remedy
        assertThat(run.err()).contains("is not readable by this user (").contains("--dir");
    }

    @Test
    void isToldWhatIsMissingInAStoreOfTheirOwn() {
        assertThat(asNobody(product.directory(), "cert", "list", "--dir", "/tmp/no-such-store")
                        .err())
                .contains("there are no credentials in /tmp/no-such-store");
        assertThat(product.run("cert", "list").exit()).isZero();
    }

    private static Run asNobody(Path directory, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                Product.launcher().toString()));
        command.addAll(List.of(arguments));
        return Run.of(command, Map.of("NO_COLOR", "1"), directory);
    }
}
