// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The MCP hosts whose configuration is known: where each keeps it, in which syntax and form, and where that is documented.
 * The source of each is the page in {@link #documentation()}; a comment says where that page is silent.
 */
public enum Host {
    /** The page names macOS and Windows only; Linux as the packages for it do. */
    CLAUDE_DESKTOP(
            "Claude Desktop",
            List.of("claude"),
            Syntax.JSON,
            Form.common("mcpServers"),
            machine -> machine.applicationSupport().resolve("Claude").resolve("claude_desktop_config.json"),
            "",
            Names.ANY,
            Expansion.NONE,
            "https://modelcontextprotocol.io/docs/develop/connect-local-servers"),
    CLAUDE_CODE(
            "Claude Code",
            List.of(),
            Syntax.JSON,
            Form.typed("mcpServers"),
            machine -> machine.directory("CLAUDE_CONFIG_DIR")
                    .orElse(machine.home())
                    .resolve(".claude.json"),
            ".mcp.json",
            Names.ANY,
            Expansion.BRACES,
            "https://code.claude.com/docs/en/mcp"),
    /** The page says "user profile"; the directory of the default profile is on the page of user settings. */
    VS_CODE(
            "VS Code",
            List.of("vscode", "code", "copilot"),
            Syntax.JSON,
            Form.typed("servers"),
            machine ->
                    machine.applicationSupport().resolve("Code").resolve("User").resolve("mcp.json"),
            ".vscode/mcp.json",
            Names.ANY,
            Expansion.BRACES,
            "https://code.visualstudio.com/docs/agents/reference/mcp-configuration"),
    CURSOR(
            "Cursor",
            List.of(),
            Syntax.JSON,
            Form.typed("mcpServers"),
            machine -> machine.home().resolve(".cursor").resolve("mcp.json"),
            ".cursor/mcp.json",
            Names.ANY,
            Expansion.BRACES,
            "https://cursor.com/docs/mcp"),
    WINDSURF(
            "Windsurf",
            List.of("cascade"),
            Syntax.JSON,
            Form.common("mcpServers"),
            machine -> machine.home().resolve(".codeium").resolve("windsurf").resolve("mcp_config.json"),
            "",
            Names.ANY,
            Expansion.BRACES,
            "https://docs.windsurf.com/windsurf/cascade/mcp"),
    /** Its policies split a tool's full name at underscores, so servers have none. */
    GEMINI_CLI(
            "Gemini CLI",
            List.of("gemini"),
            Syntax.JSON,
            Form.common("mcpServers"),
            machine -> machine.home().resolve(".gemini").resolve("settings.json"),
            ".gemini/settings.json",
            Names.WITHOUT_UNDERSCORE,
            Expansion.VARIABLES,
            "https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md"),
    /** A project's file is read only after the user has trusted the project. */
    CODEX_CLI(
            "Codex CLI",
            List.of("codex"),
            Syntax.TOML,
            Form.common("mcp_servers"),
            machine -> machine.directory("CODEX_HOME")
                    .orElse(machine.home().resolve(".codex"))
                    .resolve("config.toml"),
            ".codex/config.toml",
            Names.ANY,
            Expansion.NONE,
            "https://developers.openai.com/codex/mcp"),
    /** That a project's settings may name context servers is not on the page, but in Zed's own settings schema. */
    ZED(
            "Zed",
            List.of(),
            Syntax.JSON,
            Form.common("context_servers"),
            machine -> machine.system() == OperatingSystem.WINDOWS
                    ? machine.appData().resolve("Zed").resolve("settings.json")
                    : xdgOnLinux(machine).resolve("zed").resolve("settings.json"),
            ".zed/settings.json",
            Names.ANY,
            Expansion.NONE,
            "https://zed.dev/docs/ai/mcp"),
    /** The extension in VS Code. The page names the file; the directory is the extension's storage in VS Code. */
    CLINE(
            "Cline",
            List.of(),
            Syntax.JSON,
            Form.common("mcpServers"),
            machine -> machine.applicationSupport()
                    .resolve("Code")
                    .resolve("User")
                    .resolve("globalStorage")
                    .resolve("saoudrizwan.claude-dev")
                    .resolve("settings")
                    .resolve("cline_mcp_settings.json"),
            "",
            Names.ANY,
            Expansion.NONE,
            "https://docs.cline.bot/mcp/mcp-overview"),
    CLINE_CLI(
            "Cline CLI",
            List.of(),
            Syntax.JSON,
            Form.common("mcpServers"),
            machine -> machine.home()
                    .resolve(".cline")
                    .resolve("data")
                    .resolve("settings")
                    .resolve("cline_mcp_settings.json"),
            "",
            Names.ANY,
            Expansion.NONE,
            "https://docs.cline.bot/mcp/mcp-overview"),
    CONTINUE(
            "Continue",
            List.of(),
            Syntax.YAML,
            Form.continueList(),
            machine -> machine.home().resolve(".continue").resolve("config.yaml"),
            ".continue/mcpServers/mcp-mtls.yaml",
            Names.ANY,
            Expansion.TEMPLATES,
            "https://docs.continue.dev/customize/deep-dives/mcp"),
    /** Its keys are its names in lower case. */
    GOOSE(
            "Goose",
            List.of(),
            Syntax.YAML,
            Form.gooseExtension(),
            machine -> machine.system() == OperatingSystem.WINDOWS
                    ? machine.appData()
                            .resolve("Block")
                            .resolve("goose")
                            .resolve("config")
                            .resolve("config.yaml")
                    : machine.configHome().resolve("goose").resolve("config.yaml"),
            "",
            Names.LOWER_CASE,
            Expansion.NONE,
            "https://block.github.io/goose/docs/guides/config-files"),
    LM_STUDIO(
            "LM Studio",
            List.of("lmstudio"),
            Syntax.JSON,
            Form.common("mcpServers"),
            machine -> machine.home().resolve(".lmstudio").resolve("mcp.json"),
            "",
            Names.ANY,
            Expansion.NONE,
            "https://lmstudio.ai/docs/app/mcp");

    /** Server names that a host keeps as they are. Hosts build tools' names of {@code server__tool}: no two underscores. */
    private enum Names {
        ANY("(?!.*__)[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "letters, digits, - and single _, at most 64"),
        WITHOUT_UNDERSCORE("[A-Za-z0-9][A-Za-z0-9-]{0,63}", "letters, digits and -, at most 64"),
        LOWER_CASE("(?!.*__)[a-z0-9][a-z0-9_-]{0,63}", "lower-case letters, digits, - and single _, at most 64");

        private final Pattern pattern;
        private final String allowed;

        Names(String pattern, String allowed) {
            this.pattern = Pattern.compile(pattern);
            this.allowed = allowed;
        }
    }

    /** The placeholders that a host expands in a value before it starts the command; no host has an escape for them. */
    private enum Expansion {
        NONE("(?!)"),
        BRACES("\\$\\{"),
        VARIABLES("\\$[{A-Za-z_]"),
        TEMPLATES("\\$\\{\\{");

        private final Pattern pattern;

        Expansion(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }
    }

    private final String label;

    @SuppressWarnings("Immutable") // made by List.of
    private final List<String> aliases;

    private final Syntax syntax;

    @SuppressWarnings("Immutable") // a record of unmodifiable parts
    private final Form form;

    @SuppressWarnings("Immutable") // a lambda that captures nothing
    private final Function<Machine, Path> userFile;

    private final String projectFile;
    private final Names names;
    private final Expansion expansion;
    private final String documentation;

    Host(
            String label,
            List<String> aliases,
            Syntax syntax,
            Form form,
            Function<Machine, Path> userFile,
            String projectFile,
            Names names,
            Expansion expansion,
            String documentation) {
        this.label = label;
        this.aliases = aliases;
        this.syntax = syntax;
        this.form = form;
        this.userFile = userFile;
        this.projectFile = projectFile;
        this.names = names;
        this.expansion = expansion;
        this.documentation = documentation;
    }

    /** The host of a name as {@link #id()} has it, or of an alias; case does not matter. */
    public static Optional<Host> named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(host -> host.id().equals(wanted) || host.aliases.contains(wanted))
                .findFirst();
    }

    /** The name on the command line, for example {@code claude-code}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The product's own name. */
    public String label() {
        return label;
    }

    /** Other names for the command line. */
    public List<String> aliases() {
        return aliases;
    }

    /** The page that documents file and form. */
    public String documentation() {
        return documentation;
    }

    /** The scopes that the host has files for; {@link Scope#USER} always. */
    public Set<Scope> scopes() {
        return projectFile.isEmpty() ? EnumSet.of(Scope.USER) : EnumSet.allOf(Scope.class);
    }

    /** Where the host keeps its servers, as {@link HostConfigurations#file} gives it. */
    Path file(Scope scope, Machine machine) {
        return switch (scope) {
            case USER -> userFile.apply(machine);
            case PROJECT -> {
                if (projectFile.isEmpty()) {
                    throw new HostConfigurationException(
                            "cannot configure " + label + " for a project: it has one file for the user only");
                }
                yield machine.workingDirectory().resolve(projectFile);
            }
        };
    }

    Syntax syntax() {
        return syntax;
    }

    Form form() {
        return form;
    }

    boolean permitsName(String name) {
        return names.pattern.matcher(name).matches();
    }

    String permittedNames() {
        return names.allowed;
    }

    /** Whether the host would replace a part of the value. */
    boolean expands(String value) {
        return expansion.pattern.matcher(value).find();
    }

    private static Path xdgOnLinux(Machine machine) {
        return machine.system() == OperatingSystem.LINUX
                ? machine.configHome()
                : machine.home().resolve(".config");
    }
}
