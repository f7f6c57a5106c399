// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.EnrolmentAnswer;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.SigningRequest;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.enrolment.JoinToken;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of invitations, on a machine where {@code authority serve} ran once. */
class InvitationCommandsTest {

    @TempDir
    private Path directory;

    private Store store;

    @BeforeEach
    void initialise() {
        assertThat(run("init").exit()).isEqualTo(ExitCode.DONE);
        store = Store.at(directory);
        store.address(URI.create("https://ca.example.org:8440"));
    }

    @Test
    void standardOutputHasTheTokenAlone() {
        Run invited = run("authority invite laptop-7");
        JoinToken token = JoinToken.parse(invited.out());
        assertThat(invited.out()).isEqualTo(token.secretText() + "\n");
        assertThat(token.name()).isEqualTo("laptop-7");
        assertThat(invited.err())
                .contains("invited laptop-7", "once until", "run 'mcp-mtls join -'", "authority uninvite " + token.id())
                .doesNotContain(JoinToken.PREFIX);
    }

    @Test
    void jsonHasTheTokenAndACommandWithoutIt() {
        Run invited = run("authority invite laptop-7 --json");
        assertThat(invited.out()).contains("\"token\":\"mcpmtls1_", "\"command\":\"mcp-mtls join -\"", "\"note\":null");
        assertThat(invited.err()).isEmpty();
    }

    @Test
    void aNameThatIsInUseIsMentioned() {
        assertThat(run("authority invite echo").err())
                .contains("note: the credential echo exists in", "'cert revoke echo' locks both out");
        redeem(run("authority invite laptop-7").out());
        assertThat(run("authority invite laptop-7").err()).contains("note: laptop-7 has a certificate");
        assertThat(run("cert revoke laptop-7").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("authority invite laptop-7").err()).doesNotContain("note:");
    }

    @Test
    void timeIsLeftOnOpenInvitationsOnly() {
        String token = run("authority invite laptop-7").out();
        assertThat(run("authority invitations").out()).contains("open 0/1", " left");
        redeem(token);
        assertThat(run("authority invitations").out()).contains("used 1/1").doesNotContain(" left");
    }

    @Test
    void usesAreCountedInWords() {
        String token = run("authority invite laptop-7 --uses 2").out();
        redeem(token);
        assertThat(withdraw(token)).contains("it was used once;");
        String other = run("authority invite laptop-8 --uses 2").out();
        redeem(other);
        redeem(other);
        assertThat(withdraw(other)).contains("it was used 2 times;");
    }

    @Test
    void anAddressOfThisMachineHasARemedyEachOnALineOfItsOwn() {
        store.address(URI.create("https://127.0.0.1:8440"));
        Run refused = run("authority invite laptop-7");
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err().lines().toList())
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("  run 'mcp-mtls authority serve --listen"))
                .satisfies(
                        lines -> assertThat(lines.get(2)).contains("mcp-mtls authority invite laptop-7 --local --dir"));
        assertThat(run("authority invite laptop-7 --local").exit()).isEqualTo(ExitCode.DONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "init",
                "authority serve",
                "authority invite x",
                "authority invitations",
                "cert issue x",
                "cert list"
            })
    void aLostAuthorityIsNotReplacedSilently(String command) throws IOException {
        Files.delete(directory.resolve("authority/issuers"));
        Run refused = run(command);
        if (!command.equals("cert list")) {
            assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("issuers is gone, although", "restore it from a backup");
        }
        assertThat(directory.resolve("authority/issuers")).doesNotExist();
    }

    /** Only the issued credentials still tell of the first authority. */
    @Test
    void anAuthorityThatIsLostWithItsJournalIsNotReplacedSilently() throws IOException {
        Files.delete(directory.resolve("authority/issuers"));
        Files.delete(directory.resolve("authority/journal"));
        assertThat(run("init").err()).contains("coordinator was issued by its authority");
    }

    @ParameterizedTest
    @ValueSource(strings = {"authority serve", "authority invite x", "authority invitations", "authority uninvite x"})
    void aMachineThatJoinedInvitesNobody(String command, @TempDir Path joined) throws IOException {
        Files.writeString(
                Files.createDirectories(joined.resolve("credentials/laptop-7")).resolve("renewal"),
                "est: https://ca.example.org:8440\n");
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("--dir", joined.toString()));
        Run refused = Run.of(words.toArray(String[]::new));
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("is on another machine").doesNotContain("mcp-mtls init");
    }

    @Test
    void aMissingFileIsNamedButNeverAToken(@TempDir Path joined) {
        Run missing = Run.of("join", "nofile.txt", "--dir", joined.toString());
        assertThat(missing.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(missing.err()).contains("'nofile.txt' is neither a file that exists", "'mcp-mtls join -'");

        String secret = run("authority invite laptop-7").out().strip().substring(JoinToken.PREFIX.length());
        assertThat(Run.of("join", secret, "--dir", joined.toString()).err()).doesNotContain(secret.substring(40, 80));
    }

    @Test
    void standardInputHasTheToken(@TempDir Path joined) {
        store.address(URI.create("https://localhost:1"));
        String token = run("authority invite laptop-7 --local").out();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(token.getBytes(StandardCharsets.UTF_8)), OutputStream.nullOutputStream(), err);
        int code = Cli.run(console, Map.of(), "join", "-", "--dir", joined.toString());
        assertThat(ExitCode.values()[code]).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("cannot reach the authority https://localhost:1: connection refused\n  check that");
    }

    private String withdraw(String token) {
        return run("authority uninvite " + JoinToken.parse(token).id()).out();
    }

    private void redeem(String text) {
        JoinToken token = JoinToken.parse(text);
        RequestedKey key = RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
        SigningRequest request = SigningRequest.parse(key.request(new X500Principal("CN=x")));
        try (Authority authority = Authority.open(store, Optional.empty(), Surroundings.system(AuditSink.none()))) {
            byte[] secret = Base64.getUrlDecoder().decode(token.password());
            assertThat(authority.enrolment().redeem(token.id(), secret, request))
                    .isInstanceOf(EnrolmentAnswer.Granted.class);
        }
    }

    private Run run(String command) {
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.addAll(List.of("--dir", directory.toString()));
        return Run.of(words.toArray(String[]::new));
    }
}
