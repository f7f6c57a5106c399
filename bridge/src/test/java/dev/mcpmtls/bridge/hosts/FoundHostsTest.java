// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The hosts of a machine, and our entries in their files. */
class FoundHostsTest extends HostsFixture {

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
}
