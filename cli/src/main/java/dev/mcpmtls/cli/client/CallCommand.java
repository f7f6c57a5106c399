// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.telemetry.Telemetry;
import dev.mcpmtls.transport.client.ConnectionException;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls one tool. */
@Command(name = "call", description = "Calls a tool of any MCP server over mutual TLS.")
public final class CallCommand implements Runnable {

    private static final int MAX_ERROR_LINES = 50;

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description = "https://host:port/mcp, or the name of a configured server, such as echo")
    private String server = "";

    @Parameters(index = "1", paramLabel = "TOOL", description = "the tool's name")
    private String tool = "";

    @Parameters(index = "2..*", paramLabel = "KEY=VALUE", description = "its arguments")
    private List<String> words = List.of();

    @Option(names = "--args", paramLabel = "JSON", description = "its arguments as one JSON object instead")
    private @Nullable String json;

    public CallCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    /** As its words would be read from a command line. */
    public CallCommand(Invocation invocation, String server, String tool, List<String> words) {
        this(invocation);
        this.server = server;
        this.tool = tool;
        this.words = List.copyOf(words);
    }

    @Override
    public void run() {
        if (json != null && !words.isEmpty()) {
            throw new BadSettingException("give the arguments either as key=value or with --args, not both");
        }
        if (tool.isBlank()) {
            throw new BadSettingException("the tool's name is empty; 'mcp-mtls tools " + server + "' lists the tools");
        }
        Optional<Map<String, Object>> given = Optional.ofNullable(json).map(ToolArguments::parseJson);
        Settings settings = options.settings();
        URI url = ClientOptions.server(settings, server);
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-call");
                Telemetry telemetry = Telemetry.start(settings);
                McpConnection connection = McpConnection.forCall(
                        url,
                        ClientOptions.profile(settings, audit),
                        ClientOptions.pins(settings, url),
                        ClientOptions.timeout(settings),
                        telemetry.observer())) {
            report(call(connection, tools(connection), given));
        } catch (RuntimeException e) {
            throw ConnectionException.in(e)
                    .filter(ConnectionException.ToolWithheld.class::isInstance)
                    .<RuntimeException>map(withheld -> withheld(settings, withheld))
                    .orElse(e);
        }
    }

    /** A client that may not list the tools may still call one. */
    private static List<Tool> tools(McpConnection connection) {
        try {
            return connection.tools();
        } catch (McpError e) {
            if (Failure.of(e).code() == ExitCode.DENIED) {
                return List.of();
            }
            throw e;
        }
    }

    private Failure withheld(Settings settings, ConnectionException withheld) {
        return new Failure(
                ExitCode.DENIED,
                List.of(
                        String.valueOf(withheld.getMessage()),
                        "look at it and decide: mcp-mtls tools " + ShellWords.quoted(server)
                                + ShellWords.sameDir(settings)));
    }

    private CallToolResult call(McpConnection connection, List<Tool> tools, Optional<Map<String, Object>> given) {
        Optional<Tool> listed =
                tools.stream().filter(known -> known.name().equals(tool)).findFirst();
        return listed.map(known -> connection.call(tool, arguments(known, given)))
                .orElseGet(() -> callUnlisted(connection, tools, given));
    }

    /** Servers do not list what we may not use: called nevertheless, they say whether that is why, and record it. */
    private CallToolResult callUnlisted(
            McpConnection connection, List<Tool> tools, Optional<Map<String, Object>> given) {
        try {
            return connection.call(
                    tool, arguments(Tool.builder(tool, Map.of("type", "object")).build(), given));
        } catch (McpError e) {
            if (Failure.isTooMany(e)) {
                throw e;
            }
            throw new Failure(
                    ExitCode.FAILED,
                    List.of(
                            "the server has no tool '" + tool + "'",
                            tools.isEmpty()
                                    ? "it lists none for you"
                                    : "it has " + tools.stream().map(Tool::name).collect(Collectors.joining(", "))),
                    e);
        }
    }

    private Map<String, Object> arguments(Tool known, Optional<Map<String, Object>> given) {
        return given.orElseGet(() -> ToolArguments.parse(known, words));
    }

    private void report(CallToolResult result) {
        String text = result.content().stream()
                .map(content -> content instanceof TextContent words ? words.text() : "(" + content.type() + ")")
                .collect(Collectors.joining("\n"));
        if (Boolean.TRUE.equals(result.isError())) {
            throw new Failure(ExitCode.FAILED, quoted(text));
        }
        if (invocation.wantsJson()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("text", text);
            object.put("structuredContent", result.structuredContent());
            invocation.console().json(object);
        } else {
            invocation.console().printLines(text);
        }
    }

    /** A tool's error, whose own lines cannot be taken for ours. */
    private static List<String> quoted(String text) {
        List<String> lines = new ArrayList<>();
        text.lines().limit(MAX_ERROR_LINES).forEach(line -> lines.add(lines.isEmpty() ? line : "| " + line));
        return lines.isEmpty() ? List.of("the tool failed, and does not say why") : lines;
    }
}
