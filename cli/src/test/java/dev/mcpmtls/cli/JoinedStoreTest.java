// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store whose authority is on another machine gets none of its own. */
class JoinedStoreTest {

    @TempDir
    private Path store;

    @ParameterizedTest
    @ValueSource(strings = {"init", "cert renew laptop", "cert issue planner", "cert revoke laptop"})
    void sendsToTheAuthorityThatIssued(String command) throws IOException {
        Path credential = Files.createDirectories(store.resolve("credentials/laptop"));
        Files.writeString(credential.resolve("renewal"), "est: https://ca.example.org:8440\n");

        Run run = Run.of((command + " --dir " + store).split(" "));

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err())
                .contains("'laptop' renews at https://ca.example.org:8440 by itself", "its operator issues");
        assertThat(store.resolve("authority")).doesNotExist();
        assertThat(store.resolve("crl.pem")).doesNotExist();
    }

    @Test
    void anEmptyStoreIsNoJoinedOne() {
        assertThat(Run.of("init", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "renew", "echo", "--dir", store.toString()).exit())
                .isEqualTo(ExitCode.DONE);
    }
}
