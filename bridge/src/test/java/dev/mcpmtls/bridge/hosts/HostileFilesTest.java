// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HostileFilesTest {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    @TempDir
    Path directory;

    private Homes homes;

    @BeforeEach
    void home() {
        homes = Homes.in(directory);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CURSOR    | {"mcpServers": {}        | 1:
            CURSOR    | {"mcpServers": {}} x     | 1:
            CURSOR    | []                       | 1:1: an object was expected
            CURSOR    | 7                        | 1:1: an object was expected
            CURSOR    | {"mcpServers": []}       | 1:16: mcpServers is not an object
            CURSOR    | {'a': 1}                 | 1:2:
            CURSOR    | {"a": 1, "mcpServers": {}, "mcpServers": {}}        | 1:28: mcpServers is there twice; remove one of the two
            CODEX_CLI | a = 1 b = 2              | 1:
            CODEX_CLI | mcp_servers = 1          | 1:15: mcp_servers is not a table
            CODEX_CLI | a = 1; a = 2             | 1:
            GOOSE     | [a]                      | 1:1: a mapping was expected
            GOOSE     | a: [                     | 1:
            GOOSE     | extensions: x            | 1:13: extensions is not a mapping that can be extended
            GOOSE     | extensions: [a]          | 1:13: extensions is not a mapping that can be extended
            CONTINUE  | mcpServers: {a: {}}      | 1:13: mcpServers is not a list that can be extended
            GOOSE     | {x: &a {b: 1}, extensions: *a}   | 1:28: extensions is not a mapping that can be extended
            """)
    void refusesWhatIsNotOfItsSyntaxOrShapeWithThePlace(Host host, String text, String at) {
        refusesAsItIs(host, text, "cannot edit " + homes.file(host) + ":" + at);
    }

    @ParameterizedTest
    @EnumSource(names = {"CURSOR", "CODEX_CLI", "GOOSE"})
    void refusesVariablesThatAreNoObject(Host host) {
        String text = switch (host.syntax()) {
            case JSON ->
                "{\"mcpServers\": {\"files\": {\"command\": \"mcp-mtls\", \"args\": [\"connect\"], \"env\": [1]}}}";
            case TOML -> "[mcp_servers.files]\ncommand = 'mcp-mtls'\nargs = ['connect']\nenv = 'x'\n";
            case YAML -> "extensions:\n  files:\n    cmd: mcp-mtls\n    args: [connect]\n    envs: [1]\n";
        };
        Path file = homes.write(host, text);
        BridgeCommand command = new BridgeCommand(Path.of("/m"), List.of("connect"), Map.of("A", "1"));
        assertThatThrownBy(() -> homes.hosts().add(host, Scope.USER, "files", command, Conflict.REFUSE))
                .isInstanceOf(HostConfigurationException.class)
                .hasMessageStartingWith("cannot edit " + file + ":");
        assertThat(file).hasContent(text);
    }

    @Test
    void refusesDuplicatesInYamlAndToml() {
        refusesAsItIs(Host.GOOSE, "a: 1\na: 2\n", "cannot edit " + homes.file(Host.GOOSE) + ":2:");
        refusesAsItIs(Host.CODEX_CLI, "a = 1\na = 2\n", "cannot edit " + homes.file(Host.CODEX_CLI) + ":");
        refusesAsItIs(Host.GOOSE, "a: 1\n---\nb: 2\n", "cannot edit " + homes.file(Host.GOOSE) + ":");
    }

    @Test
    void acceptsJsonThatSaysUnrelatedThingsTwice() {
        Path file = homes.write(Host.ZED, "{\"a\": 1, \"a\": 2, \"files\": 3, \"files\": 4}");
        homes.add(Host.ZED).apply();
        assertThat(file).content().startsWith("{\"a\": 1, \"a\": 2, \"files\": 3, \"files\": 4, ");
    }

    @Test
    void refusesAServerThatIsThereTwice() {
        refusesAsItIs(
                Host.CURSOR,
                "{\"mcpServers\": {\n \"files\": {\"command\": \"mcp-mtls\", \"args\": [\"connect\"]},\n"
                        + " \"files\": {\"command\": \"/x/mcp-mtls\", \"args\": [\"connect\"]}}}",
                "cannot edit " + homes.file(Host.CURSOR) + ":3:2: files is there twice");
    }

    @Test
    void refusesDeepNesting() {
        refusesAsItIs(Host.CURSOR, "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}", "cannot edit ");
        refusesAsItIs(Host.CODEX_CLI, "a = " + "[".repeat(100_000) + "]".repeat(100_000) + "\n", "cannot edit ");
        refusesAsItIs(Host.CODEX_CLI, "a" + ".a".repeat(100_000) + " = 1\n", "cannot edit ");
        refusesAsItIs(Host.CODEX_CLI, "[a" + ".a".repeat(100_000) + "]\n", "cannot edit ");
        refusesAsItIs(Host.GOOSE, "a: " + "[".repeat(100_000) + "]".repeat(100_000) + "\n", "cannot edit ");
    }

    @Test
    void acceptsAMegabyteAndRefusesTwenty() {
        String large = "{\"a\": \"" + "x".repeat(1 << 20) + "\"}";
        Path file = homes.write(Host.CURSOR, large);
        homes.add(Host.CURSOR).apply();
        homes.remove(Host.CURSOR).apply();
        assertThat(file).hasContent(large);

        refusesAsItIs(
                Host.WINDSURF,
                "{\"a\": \"" + "x".repeat(20 << 20) + "\"}",
                "cannot read " + homes.file(Host.WINDSURF) + ": it is larger than 16 MiB");
    }

    @Test
    void refusesWhatIsNotUtf8() throws IOException {
        Path file = homes.write(Host.CURSOR, "");
        byte[] latin = {'{', '\n', ' ', '"', (byte) 0xe9, '"'};
        Files.write(file, latin);
        assertThatThrownBy(() -> homes.add(Host.CURSOR)).hasMessage("cannot read " + file + ":2:3: it is not UTF-8");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, '{', 0});
        assertThatThrownBy(() -> homes.add(Host.CURSOR)).hasMessage("cannot read " + file + ":1:1: it is not UTF-8");
    }

    @Test
    void refusesADirectoryADeviceAndADanglingLinkInThePlaceOfAFile() throws IOException {
        Path file = homes.file(Host.CURSOR);
        Files.createDirectories(file);
        assertThatThrownBy(() -> homes.add(Host.CURSOR))
                .hasMessage("cannot read " + file + ": it is not a regular file");

        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("/dev/zero"));
        assertThatThrownBy(() -> homes.add(Host.CURSOR))
                .hasMessage("cannot read " + file + ": it is not a regular file");

        Files.delete(file);
        Files.createSymbolicLink(file, directory.resolve("gone"));
        assertThatThrownBy(() -> homes.add(Host.CURSOR))
                .hasMessage("cannot read " + file
                        + ": it is a link to a file that does not exist\ncreate that file, or remove the link");
        assertThat(directory.resolve("gone")).doesNotExist();
    }

    @Test
    void refusesAFileInThePlaceOfADirectory() {
        Path parent = homes.file(Host.CURSOR).getParent();
        Homes.write(parent, "x");
        String told = "cannot write " + homes.file(Host.CURSOR) + ": " + parent
                + " exists, and is not a directory\ncorrect that, or make the change by hand";
        assertThatThrownBy(() -> homes.add(Host.CURSOR).check()).hasMessage(told);
        assertThatThrownBy(() -> homes.add(Host.CURSOR).apply()).hasMessage(told);
        assertThat(parent).hasContent("x");
    }

    /** The kernel's file system of processes takes no files, not even from root. */
    @Test
    void saysThatADirectoryCannotBeWritten() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")));
        Machine machine = new Machine(OperatingSystem.LINUX, Path.of("/proc"), directory, Map.of());
        HostConfigurations hosts = new HostConfigurations(machine, InstantSource.fixed(Homes.NOW));
        assertThatThrownBy(() -> hosts.add(Host.CLAUDE_CODE, Scope.USER, "files", Homes.COMMAND, Conflict.REFUSE)
                        .apply())
                .isInstanceOf(HostConfigurationException.class)
                .hasMessageStartingWith("cannot write /proc/.claude.json: ");
    }

    @Test
    void saysThatPermissionIsDenied() throws IOException {
        Path file = homes.write(Host.CURSOR, "{}");
        Files.setPosixFilePermissions(file, Set.of());
        assumeTrue(!Files.isReadable(file), "root reads everything");
        assertThatThrownBy(() -> homes.add(Host.CURSOR)).hasMessage("cannot read " + file + ": permission denied");
    }

    @Test
    void refusesAFileOfAnotherUser() throws IOException {
        Path file = homes.write(Host.CURSOR, "{}");
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
        Files.setOwner(
                file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        assertThatThrownBy(() -> homes.add(Host.CURSOR))
                .hasMessage("cannot read " + file + ": it belongs to another user");
        assertThat(Homes.backups(file)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void makesFilesAndDirectoriesThatOnlyTheOwnerReads(Host host) throws IOException {
        homes.add(host).apply();
        Path file = homes.file(host);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(OWNER_ONLY);
        for (Path parent = file.getParent(); !parent.equals(homes.machine().home()); parent = parent.getParent()) {
            assertThat(Files.getPosixFilePermissions(parent)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void keepsTheModeOfAFileAndNotItsBackups() throws IOException {
        Path file = homes.write(Host.CURSOR, "{}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Path backup = homes.add(Host.CURSOR).apply().orElseThrow();

        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Files.getPosixFilePermissions(backup)).isEqualTo(OWNER_ONLY);
        assertThat(backup).hasContent("{}");
        try (var siblings = Files.list(file.getParent())) {
            assertThat(siblings).containsExactlyInAnyOrder(file, backup);
        }
    }

    @Test
    void changesTheFileThatALinkLeadsToAndLeavesTheLink() throws IOException {
        Path dotfile = Homes.write(directory.resolve("dotfiles/cursor.json"), "{}");
        Path link = homes.file(Host.CURSOR);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, dotfile);

        Path backup = homes.add(Host.CURSOR).apply().orElseThrow();
        assertThat(link).isSymbolicLink().hasContent(Files.readString(dotfile));
        assertThat(dotfile).content().contains("\"files\"");
        assertThat(backup.getParent().toRealPath())
                .isEqualTo(dotfile.getParent().toRealPath());

        homes.remove(Host.CURSOR).apply();
        assertThat(dotfile).hasContent("{}");
    }

    @Test
    void refusesAProjectsLinkOutOfTheProjectAndFollowsOneInside() throws IOException {
        Path outside = Homes.write(directory.resolve("home/.claude.json"), "{}");
        Path link = homes.hosts().file(Host.CLAUDE_CODE, Scope.PROJECT);
        Files.createSymbolicLink(link, outside);
        assertThatThrownBy(() -> project(Host.CLAUDE_CODE))
                .hasMessage("cannot read " + link + ": a link leads out of the project");

        Path vscode = homes.hosts().file(Host.VS_CODE, Scope.PROJECT);
        Files.createSymbolicLink(vscode.getParent(), directory.resolve("home"));
        assertThatThrownBy(() -> project(Host.VS_CODE))
                .hasMessage("cannot read " + vscode + ": a link leads out of the project");
        assertThat(outside).hasContent("{}");

        Path inside = Homes.write(homes.machine().workingDirectory().resolve("config/cursor.json"), "{}");
        Path cursor = homes.hosts().file(Host.CURSOR, Scope.PROJECT);
        Files.createDirectories(cursor.getParent());
        Files.createSymbolicLink(cursor, inside);
        project(Host.CURSOR).apply();
        assertThat(inside).content().contains("\"files\"");
    }

    private Change project(Host host) {
        return homes.hosts().add(host, Scope.PROJECT, "files", Homes.COMMAND, Conflict.REFUSE);
    }

    private void refusesAsItIs(Host host, String text, String message) {
        Path file = homes.write(host, text);
        assertThatThrownBy(() -> homes.add(host))
                .isInstanceOf(HostConfigurationException.class)
                .hasMessageStartingWith(message)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
        assertThat(Homes.read(file)).contains(text);
        assertThat(Homes.backups(file)).isEmpty();
    }
}
