// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.transport.client.ConnectedServer;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks a server what it offers. */
@Command(name = "tools", description = "Lists the tools of any MCP server over mutual TLS.")
public final class ToolsCommand implements Runnable {

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Parameters(paramLabel = "URL", description = "https://host:port/mcp, or weather, datetime or echo")
    private String server = "";

    public ToolsCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    @Override
    public void run() {
        Settings settings = options.settings();
        URI url = ClientOptions.server(settings, server);
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-tools");
                McpConnection connection = McpConnection.open(
                        url, ClientOptions.profile(settings, audit), ClientOptions.timeout(settings))) {
            List<Tool> tools = connection.tools();
            Implementation info = connection.introduction();
            if (invocation.wantsJson()) {
                invocation.console().json(asObject(url, connection.server(), info, tools));
            } else {
                print(connection.server(), info, tools);
            }
        }
    }

    private void print(ConnectedServer peer, Implementation info, List<Tool> tools) {
        Console console = invocation.console();
        console.print(
                console.styled(Style.FAINT, info.name() + " is " + peer.peer() + ", MCP " + peer.protocolVersion()));
        for (Tool tool : tools) {
            console.print(
                    console.styled(Style.STRONG, tool.name()),
                    "(" + String.join(", ", ToolArguments.names(tool)) + ")");
            if (tool.description() != null) {
                console.print("    ", Console.bounded(tool.description()));
            }
        }
    }

    private static Map<String, Object> asObject(URI url, ConnectedServer peer, Implementation info, List<Tool> tools) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("url", url.toString());
        object.put("server", info.name());
        object.put("version", info.version());
        object.put("identity", peer.peer().identity().text());
        object.put("assurance", peer.peer().assurance().name().toLowerCase(Locale.ROOT));
        object.put("protocolVersion", peer.protocolVersion());
        object.put("tools", tools);
        return object;
    }
}
