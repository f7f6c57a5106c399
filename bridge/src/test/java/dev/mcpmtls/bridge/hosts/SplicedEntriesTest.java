// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Edits change the bytes of our entry and no others, in each syntax. */
class SplicedEntriesTest extends HostsFixture {

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
}
