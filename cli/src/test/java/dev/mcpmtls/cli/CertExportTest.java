// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class CertExportTest {

    @TempDir
    private Path directory;

    @Test
    void aBrowserGetsTheCredentialUnderThePasswordThatIsPrinted() throws IOException {
        String store = directory.resolve("store").toString();
        Path file = directory.resolve("admin.p12");
        assertThat(Run.of("init", "--dir", store).code()).isZero();

        Run run = Run.of(
                "cert", "export", "coordinator", "--browser", "--out", file.toString(), "--dir", store, "--json");

        assertThat(run.code()).as(run.err()).isZero();
        String password =
                JsonMapper.shared().readTree(run.out()).get("password").asString();
        assertThat(Credential.load(file, password.toCharArray()).chain())
                .isEqualTo(Credential.load(Path.of(store, "credentials", "coordinator"))
                        .chain());
        assertThatThrownBy(() -> Credential.load(file, "another".toCharArray()))
                .isInstanceOf(UnusableCredentialException.class);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void nothingIsWrittenForACredentialThatIsNotThere() {
        String store = directory.resolve("store").toString();
        assertThat(Run.of("init", "--dir", store).code()).isZero();

        Run run = Run.of(
                "cert",
                "export",
                "nothing",
                "--browser",
                "--out",
                directory.resolve("x.p12").toString(),
                "--dir",
                store);

        assertThat(run.code()).isNotZero();
        assertThat(directory.resolve("x.p12")).doesNotExist();
    }
}
