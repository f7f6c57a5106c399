// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertDeleteTest {

    @TempDir
    private Path temporary;

    private Path store;

    @BeforeEach
    void init() {
        store = temporary.resolve("store");
        assertThat(run("init").exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void deletesACredentialAndRevokesItsCertificates() {
        run("cert renew echo");
        String serial = serial("echo");

        Run deleted = run("cert delete echo --yes");

        assertThat(deleted.exit()).isEqualTo(ExitCode.DONE);
        assertThat(deleted.out()).contains("deleted echo and its key", "revoked echo, serial number " + serial);
        assertThat(deleted.out().lines().filter(line -> line.startsWith("revoked")))
                .hasSize(2);
        assertThat(store.resolve("credentials/echo")).doesNotExist();
        assertThat(store.resolve("credentials/.versions/echo")).doesNotExist();
        assertThat(run("audit").out()).contains("certificate-revoked");
        assertThat(run("cert list").out()).doesNotContain("echo").contains("weather");
        assertThat(run("cert delete echo --yes").err()).contains("there is no credential 'echo'");
        assertThat(run("cert issue echo").exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void keepsCertificatesValidWhenToldTo() {
        Run deleted = run("cert delete echo --yes --keep-valid");

        assertThat(deleted.exit()).isEqualTo(ExitCode.DONE);
        assertThat(deleted.out()).contains("are not revoked").doesNotContain("revoked serial number");
        assertThat(run("audit").out()).doesNotContain("certificate-revoked");
        assertThat(run("cert delete weather --yes --json").out())
                .startsWith("{\"deleted\":\"weather\",\"revoked\":[\"");
    }

    @Test
    void deletesNothingWithoutAYes() {
        Run refused = run("cert delete echo");

        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("standard input is no terminal", "add --yes");
        assertThat(run("cert check echo").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("cert delete echo --yes --reason nosuch").err()).contains("'nosuch' is none of");
        assertThat(run("cert check echo").exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void doesNotDeleteWhatWasMadeElsewhere() throws IOException {
        ThrowawayCa elsewhere = ThrowawayCa.root("Elsewhere");
        elsewhere.server("other").writeTo(store.resolve("credentials/other"), elsewhere.certificate());

        assertThat(run("cert delete other --yes").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(store.resolve("credentials/other/tls.key")).exists();
    }

    private Run run(String command) {
        return Run.of((command + " --dir " + store).split(" "));
    }

    private String serial(String name) {
        return run("cert show --json " + name).out().replaceFirst(".*\"serialNumber\":\"([0-9a-f]+)\".*\\s*", "$1");
    }
}
