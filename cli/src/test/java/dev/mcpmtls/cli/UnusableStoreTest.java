// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages about stores and credentials that cannot be used. */
class UnusableStoreTest extends StoreFixture {

    @Test
    void listsTheOthersWhenACredentialCannotBeRead() throws IOException {
        init();
        Files.delete(Path.of(dir, "credentials", "echo", "tls.crt"));

        Run list = Run.of("cert", "list", "--dir", dir);
        assertThat(list.exit()).isEqualTo(ExitCode.DONE);
        assertThat(list.out()).contains("weather").doesNotContain("server/echo");
        assertThat(list.err()).contains("echo", "tls.crt does not exist");
        assertThat(Run.of("cert", "check", "--dir", dir).exit()).isEqualTo(ExitCode.FAILED);
        assertThat(Run.of("cert", "check", "weather", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void saysHowToReplaceACertificateThatIsEmpty() throws IOException {
        init();
        Files.writeString(Path.of(dir, "credentials", "echo", "tls.crt"), "");

        assertThat(Run.of("cert", "renew", "echo", "--dir", dir).err())
                .contains("is not a certificate that can be renewed", "mcp-mtls cert rekey echo");
        assertThat(Run.of("cert", "rekey", "echo", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void saysWhatToDoWhereACredentialCannotBeWritten() throws IOException {
        init();
        Files.writeString(Path.of(dir, "credentials", ".versions", "planner"), "");

        assertThat(Run.of("cert", "issue", "planner", "--dir", dir).err())
                .contains("planner cannot be written", "free space, or fix its permissions");
        assertThat(Path.of(dir, "authority", "journal")).content().doesNotContain("planner");
    }

    @Test
    void makesNoAuthorityWhoseAccessRulesCannotBeWritten() throws IOException {
        Path inTheWay = Files.writeString(temporary.resolve("rules"), "x");

        Run run = Run.of(
                "init",
                "--dir",
                dir,
                "--access-file",
                inTheWay.resolve("policy.yaml").toString());

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err())
                .contains("cannot write " + inTheWay.resolve("policy.yaml") + ": ", "not a directory", "--access-file");
        assertThat(Path.of(dir, "authority")).doesNotExist();
    }

    @Test
    void writesNoAccessRulesWhereTheAuthorityIsLost() throws IOException {
        init();
        Files.delete(Path.of(dir, "policy.yaml"));
        Files.delete(Path.of(dir, "authority", "issuers"));

        assertThat(Run.of("init", "--dir", dir).exit()).isNotEqualTo(ExitCode.DONE);
        assertThat(Path.of(dir, "policy.yaml")).doesNotExist();
    }

    @Test
    void makesTheDirectoryOfAccessRulesElsewhere() {
        Path rules = temporary.resolve("rules").resolve("policy.yaml");

        assertThat(Run.of("init", "--dir", dir, "--access-file", rules.toString())
                        .exit())
                .isEqualTo(ExitCode.DONE);

        assertThat(rules).exists();
    }

    @Test
    void saysWhichKeyIsLostAndThatACredentialNeedsIt() throws IOException {
        init();
        Files.delete(key("echo"));

        assertThat(Run.of("cert", "list", "--dir", dir).out())
                .containsPattern("echo .* unusable ")
                .containsPattern("weather .* valid ");
        assertThat(Run.of("cert", "show", "echo", "--dir", dir).out())
                .contains("fault", "tls.key does not exist; restore it, or run 'mcp-mtls cert rekey echo'");
        assertThat(Run.of("cert", "show", "weather", "--dir", dir).out()).doesNotContain("fault");
        Run check = Run.of("cert", "check", "--dir", dir);
        assertThat(check.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(check.out().lines()).hasSize(1).first().asString().contains("echo: unusable", "cert rekey echo");
        assertThat(Run.of("cert", "check", "weather", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);

        assertThat(Run.of("cert", "rekey", "echo", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("cert", "check", "--dir", dir).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void saysWhichKeyIsDamagedOrBelongsToAnotherCertificate() throws IOException {
        init();
        Files.write(key("echo"), Files.readAllBytes(key("weather")));
        Files.writeString(key("datetime"), "no key");

        assertThat(Run.of("cert", "check", "--dir", dir).out().lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("the private key of echo does not belong to its certificate"))
                .anyMatch(line -> line.startsWith("datetime: unusable") && line.contains("cert rekey datetime'"));
        assertThat(Run.of("cert", "check", "echo", "--json", "--dir", dir).out())
                .contains("\"good\":false", "\"status\":\"unusable\"", "\"fault\":\"the private key");
    }

    @Test
    void doctorEndsAsToolsDoesWhenOurKeyIsLost() throws IOException {
        init();
        Files.delete(key("coordinator"));

        Run doctor = Run.of("doctor", "echo", "--dir", dir);
        assertThat(doctor.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(doctor.out()).contains("failed  credential", "tls.key does not exist");
        assertThat(Run.of("tools", "echo", "--dir", dir).exit()).isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cert list", "audit", "serve echo", "ask hello", "call echo echo", "cert renew x"})
    void sendsWhoHasNoStoreToInitAndMakesNothing(String command) {
        Run run = Run.of((command + " --dir " + dir).split(" "));

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
        assertThat(run.err()).containsAnyOf("mcp-mtls init", "check --dir");
        assertThat(Path.of(dir)).doesNotExist();
    }

    @Test
    void saysWhichFileIsWrongWhenAKeyBelongsToAnotherCertificate() throws IOException {
        init();
        Path echo = Path.of(dir, "credentials", "echo", "tls.key");
        Files.write(
                echo,
                Files.readAllBytes(Path.of(dir, "credentials", "weather", "tls.key")),
                StandardOpenOption.TRUNCATE_EXISTING);

        Run run = Run.of("serve", "echo", "--dir", dir, "--listen", "127.0.0.1:0");

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("does not belong to its certificate").doesNotContain("\tat ");
    }

    @Test
    void refusesToStartWithACertificateThatHasEndedWhereTheAuthorityIsElsewhere() throws IOException {
        init();
        Run.of("cert", "issue", "brief", "--purpose", "server", "--lifetime", "1s", "--dir", dir);
        while (!Run.of("cert", "show", "brief", "--dir", dir).out().contains("brief  expired")) {
            Thread.onSpinWait();
        }
        Files.move(Path.of(dir, "authority"), temporary.resolve("elsewhere"));

        Run run = Run.of("serve", "echo", "--credential", "brief", "--dir", dir, "--listen", "127.0.0.1:0");

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("expired on", "cert renew brief");
    }
}
