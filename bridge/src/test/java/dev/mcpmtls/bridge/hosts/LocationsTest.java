// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocationsTest {

    private static final Path HOME = Path.of("/h");
    private static final Path PROJECT = Path.of("/p");

    @Test
    void looksForTheHomeWhereTheShellSays() {
        assertThat(Machine.of("Linux", "/root", Map.of("HOME", "/h")).home()).isEqualTo(HOME);
        assertThat(Machine.of("Linux", "/root", Map.of("HOME", "h")).home()).isEqualTo(Path.of("/root"));
        assertThat(Machine.of("Linux", "/root", Map.of()).home()).isEqualTo(Path.of("/root"));
        assertThat(Machine.of("Windows 11", "/root", Map.of("HOME", "/h")).home())
                .isEqualTo(Path.of("/root"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            claude-desktop | .config/Claude/claude_desktop_config.json | Library/Application Support/Claude/claude_desktop_config.json | AppData/Roaming/Claude/claude_desktop_config.json | -
            claude-code | .claude.json | .claude.json | .claude.json | .mcp.json
            vs-code | .config/Code/User/mcp.json | Library/Application Support/Code/User/mcp.json | AppData/Roaming/Code/User/mcp.json | .vscode/mcp.json
            cursor | .cursor/mcp.json | .cursor/mcp.json | .cursor/mcp.json | .cursor/mcp.json
            windsurf | .codeium/windsurf/mcp_config.json | .codeium/windsurf/mcp_config.json | .codeium/windsurf/mcp_config.json | -
            gemini-cli | .gemini/settings.json | .gemini/settings.json | .gemini/settings.json | .gemini/settings.json
            codex-cli | .codex/config.toml | .codex/config.toml | .codex/config.toml | .codex/config.toml
            zed | .config/zed/settings.json | .config/zed/settings.json | AppData/Roaming/Zed/settings.json | .zed/settings.json
            cline | .config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json | Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json | AppData/Roaming/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json | -
            cline-cli | .cline/data/settings/cline_mcp_settings.json | .cline/data/settings/cline_mcp_settings.json | .cline/data/settings/cline_mcp_settings.json | -
            continue | .continue/config.yaml | .continue/config.yaml | .continue/config.yaml | .continue/mcpServers/mcp-mtls.yaml
            goose | .config/goose/config.yaml | .config/goose/config.yaml | AppData/Roaming/Block/goose/config/config.yaml | -
            lm-studio | .lmstudio/mcp.json | .lmstudio/mcp.json | .lmstudio/mcp.json | -
            """)
    void knowsTheFileOnEachSystem(String id, String linux, String macos, String windows, String project) {
        Host host = Host.named(id).orElseThrow();
        assertThat(user(host, OperatingSystem.LINUX, Map.of())).isEqualTo(HOME.resolve(linux));
        assertThat(user(host, OperatingSystem.MACOS, Map.of())).isEqualTo(HOME.resolve(macos));
        assertThat(user(host, OperatingSystem.WINDOWS, Map.of())).isEqualTo(HOME.resolve(windows));
        if (project.equals("-")) {
            assertThat(host.scopes()).containsExactly(Scope.USER);
        } else {
            assertThat(host.file(Scope.PROJECT, machine(OperatingSystem.LINUX, Map.of())))
                    .isEqualTo(PROJECT.resolve(project));
        }
    }

    @Test
    void followsTheVariablesThatMoveDirectories() {
        Map<String, String> moved = Map.of(
                "XDG_CONFIG_HOME",
                "/xdg",
                "APPDATA",
                "/roaming",
                "CODEX_HOME",
                "/codex",
                "CLAUDE_CONFIG_DIR",
                "/claude");
        assertThat(user(Host.ZED, OperatingSystem.LINUX, moved)).isEqualTo(Path.of("/xdg/zed/settings.json"));
        assertThat(user(Host.ZED, OperatingSystem.MACOS, moved)).isEqualTo(HOME.resolve(".config/zed/settings.json"));
        assertThat(user(Host.VS_CODE, OperatingSystem.WINDOWS, moved))
                .isEqualTo(Path.of("/roaming/Code/User/mcp.json"));
        assertThat(user(Host.CODEX_CLI, OperatingSystem.LINUX, moved)).isEqualTo(Path.of("/codex/config.toml"));
        assertThat(user(Host.CLAUDE_CODE, OperatingSystem.LINUX, moved)).isEqualTo(Path.of("/claude/.claude.json"));
    }

    @Test
    void ignoresVariablesThatAreEmptyOrRelative() {
        Map<String, String> odd = Map.of("XDG_CONFIG_HOME", "relative", "CODEX_HOME", "");
        assertThat(user(Host.ZED, OperatingSystem.LINUX, odd)).isEqualTo(HOME.resolve(".config/zed/settings.json"));
        assertThat(user(Host.CODEX_CLI, OperatingSystem.LINUX, odd)).isEqualTo(HOME.resolve(".codex/config.toml"));
    }

    @Test
    void knowsSystemsByTheNamesThatJavaGivesThem() {
        assertThat(Stream.of("Linux", "Mac OS X", "Windows 11", "FreeBSD").map(OperatingSystem::named))
                .isEqualTo(List.of(
                        OperatingSystem.LINUX, OperatingSystem.MACOS, OperatingSystem.WINDOWS, OperatingSystem.LINUX));
        assertThat(Machine.current(Map.of()).home()).isAbsolute();
        assertThatThrownBy(() -> new Machine(OperatingSystem.LINUX, Path.of("h"), PROJECT, Map.of()))
                .hasMessageContaining("absolute");
    }

    @Test
    void everyHostNamesItsDocumentation() {
        assertThat(List.of(Host.values()))
                .allSatisfy(host -> assertThat(host.documentation()).startsWith("https://"));
    }

    private static Path user(Host host, OperatingSystem system, Map<String, String> environment) {
        return host.file(Scope.USER, machine(system, environment));
    }

    private static Machine machine(OperatingSystem system, Map<String, String> environment) {
        return new Machine(system, HOME, PROJECT, environment);
    }
}
