// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import java.util.List;
import java.util.Map;

/** The examples at the end of each command's help. Each works as it stands, given the files that it names. */
final class Examples {

    private static final String CALL = "mcp-mtls call https://localhost:8443/mcp getTemperature city=Tokyo";

    private static final Map<String, List<String>> OF = Map.ofEntries(
            Map.entry(
                    "mcp-mtls", List.of("mcp-mtls demo", "mcp-mtls init", "mcp-mtls serve all", "mcp-mtls help call")),
            Map.entry(
                    "mcp-mtls demo",
                    List.of("mcp-mtls demo", "mcp-mtls demo --console", "mcp-mtls demo --dir ./demo -v")),
            Map.entry(
                    "mcp-mtls init",
                    List.of("mcp-mtls init", "mcp-mtls init --trust-domain example.org --intermediate")),
            Map.entry(
                    "mcp-mtls serve",
                    List.of(
                            "mcp-mtls serve all",
                            "mcp-mtls serve all --console",
                            "mcp-mtls serve echo --listen 127.0.0.1:9443",
                            "mcp-mtls serve files -- npx -y @modelcontextprotocol/server-filesystem .",
                            "mcp-mtls serve files --pin -- npx -y @modelcontextprotocol/server-filesystem .",
                            "mcp-mtls serve weather --health-listen 127.0.0.1:9090 --json")),
            Map.entry(
                    "mcp-mtls ask",
                    List.of(
                            "mcp-mtls ask \"What's the weather and the time in Tokyo?\"",
                            "mcp-mtls ask -v \"What time is it in Paris?\"",
                            "mcp-mtls ask --planner model")),
            Map.entry(
                    "mcp-mtls tools",
                    List.of(
                            "mcp-mtls tools weather",
                            "mcp-mtls tools https://localhost:8445/mcp --json",
                            "mcp-mtls tools weather --pin",
                            "mcp-mtls tools weather --accept=getTemperature")),
            Map.entry("mcp-mtls pins", List.of("mcp-mtls pins files", "mcp-mtls pins files --accept=read_file")),
            Map.entry(
                    "mcp-mtls call",
                    List.of(
                            "mcp-mtls call echo echo text=hello",
                            CALL,
                            "mcp-mtls call echo echo --args '{\"text\": \"hello\"}'",
                            "mcp-mtls call https://localhost:8446/mcp index --background")),
            Map.entry(
                    "mcp-mtls tasks",
                    List.of("mcp-mtls tasks list", "mcp-mtls tasks show https://localhost:8446/mcp TASK --wait")),
            Map.entry("mcp-mtls tasks list", List.of("mcp-mtls tasks list", "mcp-mtls tasks list files --json")),
            Map.entry(
                    "mcp-mtls tasks show",
                    List.of(
                            "mcp-mtls tasks show https://localhost:8446/mcp TASK",
                            "mcp-mtls tasks show files TASK --wait --timeout 10m")),
            Map.entry("mcp-mtls tasks cancel", List.of("mcp-mtls tasks cancel https://localhost:8446/mcp TASK")),
            Map.entry(
                    "mcp-mtls whoami",
                    List.of("mcp-mtls whoami weather", "mcp-mtls whoami weather --credential planner")),
            Map.entry(
                    "mcp-mtls card",
                    List.of("mcp-mtls card weather", "mcp-mtls card weather --url https://mcp.example.com/mcp")),
            Map.entry("mcp-mtls policy", List.of("mcp-mtls policy check", "mcp-mtls policy test cases.yaml")),
            Map.entry(
                    "mcp-mtls policy check",
                    List.of(
                            "mcp-mtls policy check",
                            "mcp-mtls policy check new-policy.yaml",
                            "mcp-mtls policy check --live")),
            Map.entry(
                    "mcp-mtls policy explain",
                    List.of(
                            "mcp-mtls policy explain --peer coordinator echo echo text=hello",
                            "mcp-mtls policy explain --peer dns:a.example weather --method ping",
                            "mcp-mtls policy explain --peer planner files --resource file:///srv/a")),
            Map.entry("mcp-mtls policy test", List.of("mcp-mtls policy test cases.yaml")),
            Map.entry(
                    "mcp-mtls connect",
                    List.of(
                            "mcp-mtls connect https://localhost:8445/mcp",
                            "mcp-mtls connect echo --credential alice-cursor --dir ~/.mcp-mtls")),
            Map.entry(
                    "mcp-mtls host",
                    List.of(
                            "mcp-mtls host add claude-code files https://localhost:8446/mcp",
                            "mcp-mtls host list",
                            "mcp-mtls host doctor")),
            Map.entry(
                    "mcp-mtls host add",
                    List.of(
                            "mcp-mtls host add claude-code files https://localhost:8446/mcp",
                            "mcp-mtls host add vs-code echo echo --scope project --dry-run")),
            Map.entry("mcp-mtls host remove", List.of("mcp-mtls host remove claude-code files")),
            Map.entry("mcp-mtls host list", List.of("mcp-mtls host list", "mcp-mtls host list --all")),
            Map.entry(
                    "mcp-mtls host doctor", List.of("mcp-mtls host doctor", "mcp-mtls host doctor claude-code --json")),
            Map.entry(
                    "mcp-mtls doctor",
                    List.of("mcp-mtls doctor weather", "mcp-mtls doctor https://localhost:8445/mcp --json")),
            Map.entry("mcp-mtls cert", List.of("mcp-mtls cert list", "mcp-mtls cert issue planner")),
            Map.entry("mcp-mtls cert list", List.of("mcp-mtls cert list", "mcp-mtls cert list --json")),
            Map.entry(
                    "mcp-mtls cert show",
                    List.of(
                            "mcp-mtls cert show weather",
                            "mcp-mtls cert show tls.crt",
                            "mcp-mtls cert show https://localhost:8443")),
            Map.entry("mcp-mtls cert check", List.of("mcp-mtls cert check", "mcp-mtls cert check --within 7d weather")),
            Map.entry("mcp-mtls cert export", List.of("mcp-mtls cert export admin --browser")),
            Map.entry(
                    "mcp-mtls cert issue",
                    List.of(
                            "mcp-mtls cert issue planner",
                            "mcp-mtls cert issue files --purpose server --san files.example.org,10.0.0.7",
                            "mcp-mtls cert issue laptop --csr laptop.csr --out laptop/tls.crt")),
            Map.entry(
                    "mcp-mtls cert renew",
                    List.of(
                            "mcp-mtls cert renew weather",
                            "mcp-mtls cert renew weather --lifetime 7d",
                            "mcp-mtls cert renew --all")),
            Map.entry(
                    "mcp-mtls cert rekey",
                    List.of(
                            "mcp-mtls cert rekey weather",
                            "mcp-mtls cert rekey weather --san localhost,weather.example.org")),
            Map.entry(
                    "mcp-mtls cert delete",
                    List.of("mcp-mtls cert delete planner", "mcp-mtls cert delete planner --yes --keep-valid")),
            Map.entry(
                    "mcp-mtls cert revoke",
                    List.of("mcp-mtls cert revoke weather --reason key-compromise", "mcp-mtls cert revoke 0x3f2a")),
            Map.entry(
                    "mcp-mtls cert rollover",
                    List.of("mcp-mtls cert rollover status", "mcp-mtls cert rollover prepare")),
            Map.entry(
                    "mcp-mtls authority",
                    List.of("mcp-mtls authority serve", "mcp-mtls authority invite laptop-7 --local")),
            Map.entry(
                    "mcp-mtls authority serve",
                    List.of(
                            "mcp-mtls authority serve",
                            "mcp-mtls authority serve --listen 0.0.0.0:8440 --name ca.lan")),
            Map.entry(
                    "mcp-mtls authority invite",
                    List.of(
                            "mcp-mtls authority invite laptop-7",
                            "mcp-mtls authority invite files --purpose server --san files.lan")),
            Map.entry(
                    "mcp-mtls authority invitations",
                    List.of("mcp-mtls authority invitations", "mcp-mtls authority invitations --json")),
            Map.entry("mcp-mtls authority uninvite", List.of("mcp-mtls authority uninvite 4be1c09d2f")),
            Map.entry(
                    "mcp-mtls join",
                    List.of("mcp-mtls join -", "mcp-mtls join token.txt", "mcp-mtls join - --name laptop")),
            Map.entry(
                    "mcp-mtls audit",
                    List.of(
                            "mcp-mtls audit --follow",
                            "mcp-mtls audit --since 2h --reason EXPIRED",
                            "mcp-mtls audit --action tls-rejected")),
            Map.entry("mcp-mtls audit verify", List.of("mcp-mtls audit verify", "mcp-mtls audit verify --client")),
            Map.entry("mcp-mtls config", List.of("mcp-mtls config", "mcp-mtls config --keys")),
            Map.entry("mcp-mtls help", List.of("mcp-mtls help", "mcp-mtls help cert rekey")),
            Map.entry("mcp-mtls completion", List.of("source <(mcp-mtls completion)")));

    private Examples() {}

    /** The examples of a command by its full name, for example {@code mcp-mtls cert issue}. */
    static List<String> of(String command) {
        return OF.getOrDefault(command, List.of());
    }

    /** The last section of the command's help; empty without examples. */
    static String section(String command) {
        return of(command).isEmpty() ? "" : "\nExamples:\n  " + String.join("\n  ", of(command)) + "\n";
    }
}
