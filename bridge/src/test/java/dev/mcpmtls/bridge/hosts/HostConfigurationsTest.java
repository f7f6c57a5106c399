// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class HostConfigurationsTest {

    @TempDir
    Path directory;

    @Test
    void writesNothingBeforeTheChangeIsApplied() {
        Homes homes = Homes.in(directory);
        Change change = homes.add(Host.CURSOR);

        assertThat(change.isEmpty()).isFalse();
        assertThat(change.diff()).startsWith("--- /dev/null\n+++ " + change.file() + "\n@@ -0,0 +1,9 @@\n+{\n");
        assertThat(change.file()).doesNotExist();
    }

    @Test
    void showsTheLinesThatChangeAndThreeAround() {
        Homes homes = Homes.in(directory);
        homes.write(Host.WINDSURF, "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4\n}\n");

        assertThat(homes.add(Host.WINDSURF).diff().lines().skip(2))
                .containsExactly(
                        "@@ -2,5 +2,11 @@",
                        "   \"a\": 1,",
                        "   \"b\": 2,",
                        "   \"c\": 3,",
                        "-  \"d\": 4",
                        "+  \"d\": 4,",
                        "+  \"mcpServers\": {",
                        "+    \"files\": {",
                        "+      \"command\": \"/opt/mcp-mtls/bin/mcp-mtls\",",
                        "+      \"args\": [\"connect\", \"--dir\", \"/home/alice/.mcp-mtls\", \"--credential\", \"alice-host\", \"https://localhost:8446/mcp\"]",
                        "+    }",
                        "+  }",
                        " }");
    }

    @Test
    void aDiffShowsNoControlCharactersOfTheFile() {
        Homes homes = Homes.in(directory);
        homes.write(Host.CURSOR, "{\n  // \u009b31m \u202e x\n  \"é\": \"\u0085\"\n}\n");

        assertThat(homes.add(Host.CURSOR).diff())
                .contains("// \\u009b31m \\u202e x")
                .contains("\"é\": \"\\u0085\"")
                .doesNotContain("\u009b", "\u202e", "\u0085");
    }

    @Test
    void refusesToReplaceAnEntryThatIsNotOurs() {
        Homes homes = Homes.in(directory);
        String text = "{\"mcpServers\": {\"files\": {\"command\": \"npx\", \"args\": [\"connect\"]}}}";
        Path file = homes.write(Host.CURSOR, text);

        assertThatThrownBy(() -> homes.add(Host.CURSOR))
                .isInstanceOf(HostConfigurationException.class)
                .hasMessage("cannot add \"files\" to Cursor: the entry of that name in " + file
                        + " is not ours\nchoose another name, or have it replaced");
        assertThatThrownBy(() -> homes.remove(Host.CURSOR))
                .hasMessage("cannot remove \"files\" from Cursor: the entry of that name in " + file
                        + " is not ours\nremove it in Cursor itself");
        assertThat(Homes.read(file)).contains(text);
    }

    @ParameterizedTest
    @EnumSource
    void replacesAnEntryThatIsNotOursWhenTold(Host host) {
        Homes homes = Homes.in(directory);
        String collection = host.form().collection();
        String foreign = switch (host.syntax()) {
            case JSON -> "{\"" + collection + "\": {\"files\": {\"url\": \"https://x\"}, \"b\": {}}}\n";
            case TOML -> "[" + collection + ".files]\nurl = \"x\"\n[" + collection + ".files.tools.a]\nb = 1\n[b]\n";
            case YAML ->
                host.form().list()
                        ? collection + ":\n  - name: files\n    url: x\n  - name: b\n"
                        : collection + ":\n  files:\n    uri: x\n  b: {}\n";
        };
        Path file = homes.write(host, foreign);

        homes.hosts()
                .add(host, Scope.USER, "files", Homes.COMMAND, Conflict.REPLACE)
                .apply();

        assertThat(Homes.read(file).orElseThrow())
                .doesNotContain("https://x", "url", "uri")
                .contains("b");
        assertThat(homes.add(host).isEmpty()).isTrue();
        assertThat(Homes.backups(file))
                .singleElement()
                .satisfies(backup -> assertThat(backup).hasContent(foreign));
    }

    @ParameterizedTest
    @EnumSource
    void writesEveryValueSoThatItReadsBackTheSame(Host host) {
        Homes homes = Homes.in(directory);
        String odd =
                "q\" b\\ t\t n\n c\u0001 d\u007f n\u0085 l\u2028 r\u202e é 東 😀 # ' : { } [ ] , & * ! | > % @ ` \ufeff";
        BridgeCommand command = new BridgeCommand(
                Path.of("/opt/we ird\\" + "\"é/mcp-mtls"),
                List.of("connect", odd, "true", "null", "1", "- x", ""),
                Map.of("A", odd, "B", "1"));

        homes.hosts().add(host, Scope.USER, "files", command, Conflict.REFUSE).apply();

        Document document = host.syntax()
                .parse(Homes.read(homes.file(host)).orElseThrow(), host.form().list());
        JsonNode entry = Models.at(document.model(), List.of(host.form().collection(), "files"))
                .orElseThrow();
        assertThat(host.form().read(entry))
                .contains(new Form.Entry(command.launcher().toString(), command.arguments(), command.environment()));
        assertThat(Homes.read(homes.file(host)).orElseThrow()).doesNotContain("\u0001", "\u007f", "\u202e", "\u2028");
        assertThat(homes.hosts()
                        .add(host, Scope.USER, "files", command, Conflict.REFUSE)
                        .isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void changesOfOurEntryOnlyWhatTheCommandNames(Host host) {
        Homes homes = Homes.in(directory);
        homes.add(host).apply();
        BridgeCommand moved = new BridgeCommand(
                Path.of("/new/mcp-mtls"),
                List.of("connect", "https://new.example/mcp"),
                Map.of("HTTPS_PROXY", "http://p"));

        homes.hosts().add(host, Scope.USER, "files", moved, Conflict.REFUSE).apply();
        String once = Homes.read(homes.file(host)).orElseThrow();
        BridgeCommand again = new BridgeCommand(
                moved.launcher(), moved.arguments(), Map.of("HTTPS_PROXY", "http://q", "NO_PROXY", "x"));
        homes.hosts().add(host, Scope.USER, "files", again, Conflict.REFUSE).apply();
        String twice = Homes.read(homes.file(host)).orElseThrow();

        assertThat(once).contains("/new/mcp-mtls", "http://p").doesNotContain("localhost");
        assertThat(twice).contains("http://q", "NO_PROXY").doesNotContain("http://p\"");
        assertThat(homes.hosts()
                        .add(host, Scope.USER, "files", again, Conflict.REFUSE)
                        .isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a.b", "-a", "a__b", "é", "../x", "a\u0000", "__proto__", "a/b"})
    void refusesNamesThatNoHostTakes(String name) {
        Homes homes = Homes.in(directory);
        for (Host host : Host.values()) {
            assertThatThrownBy(() -> homes.hosts().add(host, Scope.USER, name, Homes.COMMAND, Conflict.REFUSE))
                    .isInstanceOf(HostConfigurationException.class)
                    .hasMessageContaining("the name is not permitted there\nuse ");
        }
    }

    @Test
    void takesTheNamesThatAHostTakesAndRefusesWhatItWouldChange() {
        HostConfigurations hosts = Homes.in(directory).hosts();
        hosts.add(Host.CLAUDE_CODE, Scope.USER, "My_files-1", Homes.COMMAND, Conflict.REFUSE);
        hosts.add(Host.GEMINI_CLI, Scope.USER, "My-files", Homes.COMMAND, Conflict.REFUSE);
        hosts.add(Host.GOOSE, Scope.USER, "my_files", Homes.COMMAND, Conflict.REFUSE);

        assertThatThrownBy(() -> hosts.add(Host.GEMINI_CLI, Scope.USER, "my_files", Homes.COMMAND, Conflict.REFUSE))
                .hasMessageContaining("letters, digits and -");
        assertThatThrownBy(() -> hosts.add(Host.GOOSE, Scope.USER, "Files", Homes.COMMAND, Conflict.REFUSE))
                .hasMessageContaining("lower-case");
    }

    @Test
    void refusesValuesThatTheHostWouldExpand() {
        HostConfigurations hosts = Homes.in(directory).hosts();
        BridgeCommand braces = command("https://x/${HOME}");
        BridgeCommand variable = command("https://x/$HOME");
        BridgeCommand dollar = command("https://x/$1");

        hosts.add(Host.ZED, Scope.USER, "files", braces, Conflict.REFUSE);
        hosts.add(Host.CLAUDE_CODE, Scope.USER, "files", variable, Conflict.REFUSE);
        hosts.add(Host.GEMINI_CLI, Scope.USER, "files", dollar, Conflict.REFUSE);
        assertThatThrownBy(() -> hosts.add(Host.CLAUDE_CODE, Scope.USER, "files", braces, Conflict.REFUSE))
                .hasMessage("cannot add \"files\" to Claude Code: it would replace a part of \"https://x/${HOME}\"\n"
                        + "use a path or name without $");
        assertThatThrownBy(() -> hosts.add(Host.GEMINI_CLI, Scope.USER, "files", variable, Conflict.REFUSE))
                .hasMessageContaining("it would replace a part of");
    }

    private static BridgeCommand command(String target) {
        return BridgeCommand.connect(Path.of("/opt/mcp-mtls"), target, "c", Path.of("/store"));
    }

    @Test
    void writesTheProjectsFileInTheProjectAndRefusesHostsWithoutOne() {
        Homes homes = Homes.in(directory);
        for (Host host : Host.values()) {
            if (host.scopes().contains(Scope.PROJECT)) {
                homes.hosts()
                        .add(host, Scope.PROJECT, "files", Homes.COMMAND, Conflict.REFUSE)
                        .apply();
                assertThat(homes.hosts().file(host, Scope.PROJECT))
                        .startsWith(homes.machine().workingDirectory())
                        .exists();
            } else {
                assertThatThrownBy(
                                () -> homes.hosts().add(host, Scope.PROJECT, "files", Homes.COMMAND, Conflict.REFUSE))
                        .hasMessage("cannot configure " + host.label()
                                + " for a project: it has one file for the user only");
            }
        }
        assertThat(homes.machine().home()).isEmptyDirectory();
    }

    @Test
    void removesNothingThatIsNotThere() {
        Homes homes = Homes.in(directory);
        assertThatThrownBy(() -> homes.remove(Host.ZED))
                .hasMessage("cannot remove \"files\" from Zed: " + homes.file(Host.ZED) + " has no entry of that name");
    }

    @Test
    void bytesComeBackInWhateverOrderSeveralEntriesGo() {
        Homes homes = Homes.in(directory);
        HostConfigurations hosts = homes.hosts();
        for (List<String> order : List.of(List.of("b", "a"), List.of("a", "b"))) {
            Path file = homes.write(Host.CURSOR, "{ }");
            for (String name : List.of("a", "b")) {
                hosts.add(Host.CURSOR, Scope.USER, name, Homes.COMMAND, Conflict.REFUSE)
                        .apply();
            }
            for (String name : order) {
                hosts.remove(Host.CURSOR, Scope.USER, name).apply();
            }
            assertThat(file).hasContent("{ }");
        }
    }

    @Test
    void keepsWhatChangedSinceTheEntryWasAdded() throws IOException {
        Homes homes = Homes.in(directory);
        Path file = homes.write(Host.CURSOR, "{}\n");
        homes.add(Host.CURSOR).apply();
        String text = Files.readString(file);
        Files.writeString(file, text.replaceFirst("\\{", "{ \"later\": 1,"));
        homes.remove(Host.CURSOR).apply();

        assertThat(Homes.read(file).orElseThrow().replaceAll("\\s", "")).isEqualTo("{\"later\":1,\"mcpServers\":{}}");
    }

    @Test
    void leavesAnEmptyCollectionThatIsValidInItsSyntax() {
        Homes homes = Homes.in(directory);
        homes.write(Host.GOOSE, "extensions:\n  files:\n    cmd: /x/mcp-mtls\n    args: [connect, y]\nb: 1\n");
        homes.write(Host.CONTINUE, "mcpServers: # c\n- name: files\n  command: mcp-mtls.exe\n  args: [connect]");
        homes.remove(Host.GOOSE).apply();
        homes.remove(Host.CONTINUE).apply();

        assertThat(Homes.read(homes.file(Host.GOOSE))).contains("extensions: {}\nb: 1\n");
        assertThat(Homes.read(homes.file(Host.CONTINUE))).contains("mcpServers: [] # c");
    }

    @Test
    void editsInlineTomlAndRefusesToExtendAnInlineCollection() {
        Homes homes = Homes.in(directory);
        Path file = homes.write(
                Host.CODEX_CLI,
                "[mcp_servers]\nfiles = { command = 'mcp-mtls', args = ['connect'], x = 1 } # c\na = {}\n");
        homes.add(Host.CODEX_CLI).apply();
        assertThat(Homes.read(file).orElseThrow())
                .startsWith("[mcp_servers]\nfiles = { command = \"/opt/mcp-mtls/bin/mcp-mtls\", args = [\"connect\"")
                .endsWith(", x = 1 } # c\na = {}\n");

        homes.write(Host.CODEX_CLI, "mcp_servers = { a = {} }\n");
        assertThatThrownBy(() -> homes.add(Host.CODEX_CLI))
                .hasMessage("cannot edit " + file
                        + ":1:15: mcp_servers is not a table; write its entries as [mcp_servers.NAME] tables");
    }

    @Test
    void editsDottedToml() {
        Homes homes = Homes.in(directory);
        Path file = homes.write(
                Host.CODEX_CLI,
                "[mcp_servers]\nfiles.command = 'mcp-mtls'\nfiles.args = ['connect']\na.command = 'x'\n");
        homes.hosts()
                .add(
                        Host.CODEX_CLI,
                        Scope.USER,
                        "files",
                        new BridgeCommand(Path.of("/m"), List.of("connect"), Map.of("A", "1")),
                        Conflict.REFUSE)
                .apply();
        assertThat(Homes.read(file))
                .contains(
                        "[mcp_servers]\nfiles.command = \"/m\"\nfiles.args = ['connect']\nfiles.env = { A = \"1\" }\na.command = 'x'\n");
    }

    @Test
    void listsTheHostsThatAreThereWithOurEntriesAndWhatTheyName() throws IOException {
        Homes homes = Homes.in(directory);
        Path store = Files.createDirectories(directory.resolve("store"));
        Files.createDirectories(store.resolve("credentials").resolve("here"));
        Path launcher = Files.createFile(directory.resolve("mcp-mtls"));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        HostConfigurations hosts = homes.hosts();
        hosts.add(
                        Host.GOOSE,
                        Scope.USER,
                        "good",
                        BridgeCommand.connect(launcher, "https://a/mcp", "here", store),
                        Conflict.REFUSE)
                .apply();
        hosts.add(
                        Host.GOOSE,
                        Scope.USER,
                        "bad",
                        BridgeCommand.connect(Path.of("/gone/mcp-mtls"), "b", "gone", store),
                        Conflict.REFUSE)
                .apply();
        homes.write(Host.ZED, "{\"context_servers\": {\"other\": {\"command\": \"npx\", \"args\": [\"connect\"]}}}");
        homes.write(Host.CURSOR, "{");
        Homes.write(
                hosts.file(Host.CONTINUE, Scope.PROJECT),
                "mcpServers: [{name: p, command: /x/MCP-MTLS.EXE, args: [connect, --credential=/, u]}]");
        Files.createDirectories(homes.file(Host.LM_STUDIO).getParent());

        List<FoundHost> found = hosts.list();

        assertThat(found)
                .extracting(FoundHost::host)
                .containsExactly(Host.CURSOR, Host.ZED, Host.CONTINUE, Host.GOOSE, Host.LM_STUDIO);
        assertThat(found.get(0).problem())
                .hasValueSatisfying(
                        problem -> assertThat(problem).startsWith("cannot edit " + homes.file(Host.CURSOR) + ":1:"));
        assertThat(found.get(1).servers()).isEmpty();
        assertThat(found.get(2).scope()).isEqualTo(Scope.PROJECT);
        assertThat(found.get(2).servers())
                .containsExactly(new FoundHost.Server(
                        "p",
                        "u",
                        "/x/MCP-MTLS.EXE",
                        List.of("connect", "--credential=/", "u"),
                        Map.of(),
                        false,
                        Optional.of("/"),
                        true));
        assertThat(found.get(3).servers())
                .extracting(
                        FoundHost.Server::name,
                        FoundHost.Server::target,
                        FoundHost.Server::launcherExists,
                        FoundHost.Server::credential,
                        FoundHost.Server::credentialExists)
                .containsExactly(
                        tuple("good", "https://a/mcp", true, Optional.of("here"), true),
                        tuple("bad", "b", false, Optional.of("gone"), false));
        assertThat(found.get(4).servers()).isEmpty();
    }

    @Test
    void listsNothingOnAMachineWithoutHosts() {
        assertThat(Homes.in(directory).hosts().list()).isEmpty();
    }

    @Test
    void knowsHostsByNameAliasAndInAnyCase() {
        assertThat(Host.named("Claude-Code")).contains(Host.CLAUDE_CODE);
        assertThat(Host.named("vscode")).contains(Host.VS_CODE);
        assertThat(Host.named("emacs")).isEmpty();
        assertThat(List.of(Host.values()))
                .allSatisfy(host -> assertThat(Host.named(host.id())).contains(host));
    }

    @Test
    void commandsBeginWithConnectAndNameAbsolutePaths() {
        assertThat(Homes.COMMAND.arguments()).startsWith("connect", "--dir");
        assertThatThrownBy(() -> new BridgeCommand(Path.of("mcp-mtls"), List.of("connect"), Map.of()))
                .hasMessageContaining("absolute");
        assertThatThrownBy(() -> new BridgeCommand(Path.of("/m"), List.of("serve"), Map.of()))
                .hasMessageContaining("connect");
        assertThatThrownBy(() -> new BridgeCommand(Path.of("/m"), List.of("connect", "a\0"), Map.of()))
                .hasMessageContaining("NUL");
        assertThatThrownBy(() -> new BridgeCommand(Path.of("/m"), List.of("connect", "\ud800"), Map.of()))
                .hasMessageContaining("Unicode");
        assertThatThrownBy(() -> new BridgeCommand(Path.of("/m"), List.of("connect"), Map.of("A=B", "")))
                .hasMessageContaining("environment");
        assertThatThrownBy(() -> BridgeCommand.connect(Path.of("/m"), "u", "c", Path.of("store")))
                .hasMessageContaining("absolute");
    }

    @Test
    void aChangeThatCameTooLateIsNotMade() throws IOException {
        Homes homes = Homes.in(directory);
        Path file = homes.write(Host.CURSOR, "{}");
        Change change = homes.add(Host.CURSOR);
        Change creation = homes.add(Host.ZED);
        Files.writeString(file, "{ }");
        homes.write(Host.ZED, "");

        assertThatThrownBy(change::apply)
                .hasMessage("cannot write " + file + ": it has changed meanwhile\nrun the command again");
        assertThatThrownBy(creation::apply).hasMessageContaining("it has changed meanwhile");
        assertThat(file).hasContent("{ }");
        assertThat(Homes.backups(file)).isEmpty();
    }

    @Test
    void keepsTheFiveNewestBackups() {
        Homes homes = Homes.in(directory);
        Path file = homes.write(Host.CURSOR, "{}");
        for (int i = 0; i < 8; i++) {
            HostConfigurations later =
                    new HostConfigurations(homes.machine(), InstantSource.fixed(Homes.NOW.plusSeconds(i / 2)));
            later.add(Host.CURSOR, Scope.USER, "s" + i, Homes.COMMAND, Conflict.REFUSE)
                    .apply();
        }

        assertThat(Homes.backups(file))
                .extracting(backup -> backup.getFileName().toString())
                .containsExactly(
                        "mcp.json.mcp-mtls-20261128T173001.001Z.bak",
                        "mcp.json.mcp-mtls-20261128T173002.000Z.bak",
                        "mcp.json.mcp-mtls-20261128T173002.001Z.bak",
                        "mcp.json.mcp-mtls-20261128T173003.000Z.bak",
                        "mcp.json.mcp-mtls-20261128T173003.001Z.bak");
        assertThat(Homes.backups(file).get(4)).content().contains("s6").doesNotContain("s7");
    }
}
