// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostConfigurationsTest extends HostsFixture {

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
                        "+      \"args\": [\"connect\", \"--dir\", \"/home/alice/.mcp-mtls\", \"--credential\","
                                + " \"alice-host\", \"https://localhost:8446/mcp\"]",
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
                .hasMessage("cannot add 'files' to Cursor: the entry of that name in " + file
                        + " is not ours\nchoose another name, or have it replaced");
        assertThatThrownBy(() -> homes.remove(Host.CURSOR))
                .hasMessage("cannot remove 'files' from Cursor: the entry of that name in " + file
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
                .hasMessage("cannot add 'files' to Claude Code: it would replace a part of 'https://x/${HOME}'\n"
                        + "use a path or name without $");
        assertThatThrownBy(() -> hosts.add(Host.GEMINI_CLI, Scope.USER, "files", variable, Conflict.REFUSE))
                .hasMessageContaining("it would replace a part of");
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
                .hasMessage("cannot remove 'files' from Zed: " + homes.file(Host.ZED) + " has no entry of that name");
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
