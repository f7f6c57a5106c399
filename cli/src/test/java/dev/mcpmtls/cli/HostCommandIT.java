// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A user of Cursor, whose home is a temporary directory. */
@Timeout(60)
@EnabledOnOs({OS.LINUX, OS.MAC})
class HostCommandIT {

    private static final String LAUNCHER = "mcpmtls.launcher";
    private static final String URL = "https://localhost:8446/mcp";
    private static final String MINE =
            "{\n  // mine\n  \"mcpServers\": {\n    \"other\": {\"command\": \"x\"},\n  },\n}\n";
    private static final String NAME =
            System.getProperty("user.name").toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-")
                    + "-cursor";

    @TempDir
    private Path directory;

    private Path home;
    private Path file;
    private Path store;

    @BeforeEach
    void prepare() throws IOException {
        home = Files.createDirectories(directory.resolve("home"));
        file = Files.createDirectories(home.resolve(".cursor")).resolve("mcp.json");
        Files.writeString(file, MINE);
        store = directory.resolve("store");
        Path launcher = directory.resolve("mcp-mtls");
        Files.writeString(
                launcher,
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '" + System.getProperty("java.class.path")
                        + "' dev.mcpmtls.cli.Cli \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        System.setProperty(LAUNCHER, launcher.toString());
        assertThat(run("init", "--trust-domain", "example.org").exit().number()).isZero();
    }

    @AfterEach
    void forget() {
        System.clearProperty(LAUNCHER);
    }

    private Run run(String... words) {
        String[] all = Stream.concat(Stream.of(words), Stream.of("--dir", store.toString()))
                .toArray(String[]::new);
        return Run.of(Map.of("HOME", home.toString()), all);
    }

    private String content() throws IOException {
        return Files.readString(file);
    }

    @Test
    void addsAServerWithACredentialOfTheHostsOwnAndTakesItOutAgain() throws IOException {
        Run added = run("host", "add", "cursor", "files", URL, "--yes");

        assertThat(added.err()).isEmpty();
        assertThat(added.out())
                .contains("+    \"files\": {")
                .contains("will issue the credential " + NAME)
                .contains(".bak");
        assertThat(content())
                .contains("// mine")
                .contains("\"command\": \"" + directory.resolve("mcp-mtls") + "\"")
                .contains("\"args\": [\"connect\", \"--dir\", \"" + store + "\", \"--credential\", \"" + NAME + "\", \""
                        + URL + "\"]");
        assertThat(Credential.load(store.resolve("credentials").resolve(NAME))
                        .chain()
                        .leaf()
                        .toString())
                .contains("spiffe://example.org/agent/" + NAME);
        assertThat(run("host", "add", "cursor", "files", URL).out()).contains("already says so");

        Run removed = run("host", "remove", "cursor", "files", "--yes");

        assertThat(removed.out()).contains("-    \"files\": {").contains("cert delete " + NAME);
        assertThat(content()).isEqualTo(MINE);
    }

    @Test
    void issuesNoCredentialWhenTheFileCannotBeWritten() throws IOException {
        Files.delete(file);
        Path inTheWay = Files.writeString(file.getParent().resolveSibling(".windsurf"), "x");
        Files.delete(file.getParent());
        Files.move(inTheWay, file.getParent());

        Run run = run("host", "add", "cursor", "files", URL, "--yes");

        assertThat(run.exit().number()).isNotZero();
        assertThat(run.err().lines())
                .containsExactly(
                        "mcp-mtls: cannot write " + file + ": " + file.getParent() + " exists, and is not a directory",
                        "  correct that, or make the change by hand");
        assertThat(store.resolve("credentials").resolve(NAME)).doesNotExist();
        assertThat(file.getParent()).hasContent("x");
    }

    @Test
    void changesNothingInADryRun() throws IOException {
        Run run = run("host", "add", "cursor", "files", URL, "--dry-run");

        assertThat(run.exit().number()).isZero();
        assertThat(run.out()).contains("+    \"files\": {").contains("would issue");
        assertThat(content()).isEqualTo(MINE);
        assertThat(store.resolve("credentials").resolve(NAME)).doesNotExist();
    }

    @Test
    void changesNothingWithoutAnAnswer() throws IOException {
        Run run = run("host", "add", "cursor", "files", URL);

        assertThat(run.exit().number()).isEqualTo(2);
        assertThat(run.err()).contains("add --yes");
        assertThat(content()).isEqualTo(MINE);
        assertThat(store.resolve("credentials").resolve(NAME)).doesNotExist();
    }

    @Test
    void writesTheSettingsOfThisCommandLine() throws IOException {
        assertThat(run("host", "add", "cursor", "files", URL, "--yes", "--min-version", "TLSv1.2")
                        .err())
                .isEmpty();

        assertThat(content()).contains("\"--min-version\", \"TLSv1.2\", \"" + URL + "\"");
    }

    @Test
    void leavesAnEntryOfTheUsersAlone() throws IOException {
        Run refused = run("host", "add", "cursor", "other", URL, "--yes");

        assertThat(refused.exit().number()).isEqualTo(2);
        assertThat(refused.err()).contains("is not ours");
        assertThat(content()).isEqualTo(MINE);
        assertThat(run("host", "add", "cursor", "other", URL, "--yes", "--replace")
                        .err())
                .isEmpty();
        assertThat(content()).contains("connect");
    }

    @Test
    void doesNotIssueWhereTheAuthorityIsElsewhere() throws IOException {
        Files.move(store.resolve("authority"), directory.resolve("elsewhere"));

        Run refused = run("host", "add", "cursor", "files", URL, "--yes");

        assertThat(refused.err()).contains("there is no authority").contains("--credential");
        assertThat(content()).isEqualTo(MINE);
        assertThat(run("host", "add", "cursor", "files", URL, "--yes", "--credential", "coordinator")
                        .err())
                .isEmpty();
        assertThat(content()).contains("\"--credential\", \"coordinator\"");
    }

    @Test
    void listsWhatItKnows() {
        assertThat(run("host", "list").out()).contains("cursor").contains("no entry", "~/.cursor/mcp.json");
        assertThat(run("host", "list", "--all").out()).contains("goose").contains("https://");
        assertThat(run("host", "list", "--json").out()).contains("\"host\":\"cursor\"");
        assertThat(run("host", "add", "cursr", "files", URL).err())
                .contains("there is no host")
                .contains("cursor");
    }

    @Test
    void startsWhatItHasWritten() throws IOException {
        MtlsServerTransport transport = MtlsServerTransport.builder()
                .tls(TlsProfile.strict(store.resolve("credentials/echo")))
                .build();
        McpSyncServer server =
                McpServer.sync(transport).serverInfo("files", "1").build();
        transport.start();
        try {
            String url = transport.uri().toString();
            assertThat(run("host", "add", "cursor", "files", url, "--yes").err())
                    .isEmpty();

            Run sound = run("host", "doctor", "cursor");

            assertThat(sound.out()).contains("ok").contains("files answers").contains("as " + NAME);
            assertThat(sound.exit().number()).isZero();
        } finally {
            server.close();
            transport.close();
        }
        Run unreachable = run("host", "doctor");
        assertThat(unreachable.out()).contains("failed").contains("connection refused");
        assertThat(unreachable.exit().number()).isEqualTo(5);

        Files.delete(directory.resolve("mcp-mtls"));
        assertThat(run("host", "doctor", "--json").out()).contains("there is no program");
    }
}
