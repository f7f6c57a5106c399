// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.telemetry.Telemetry;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.client.RemoteTask;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls one tool. */
@Command(name = "call", description = "Calls a tool of any MCP server over mutual TLS.")
public final class CallCommand implements Runnable {

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

    @Option(
            names = "--background",
            description = "does not wait where the server works on the call as a task: prints the task's id instead")
    private boolean inBackground;

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
            CallToolResult result = call(connection, tools(connection), given);
            Optional<RemoteTask> task = RemoteTask.in(result);
            if (task.isPresent()) {
                follow(connection, settings, task.get());
            } else {
                ToolResult.report(result, invocation);
            }
        } catch (RuntimeException e) {
            throw ConnectionException.in(e)
                    .filter(ConnectionException.ToolWithheld.class::isInstance)
                    .<RuntimeException>map(withheld -> withheld(settings, withheld))
                    .orElse(e);
        }
    }

    /** The server works on the call as a task. */
    private void follow(McpConnection connection, Settings settings, RemoteTask task) {
        Console console = invocation.console();
        new TaskNotes(settings, InstantSource.system()).keep(server, tool, task);
        String show = "mcp-mtls tasks show " + ShellWords.quoted(server) + " " + ShellWords.quoted(task.id())
                + ShellWords.sameDir(settings) + " --wait";
        if (!inBackground) {
            if (!invocation.wantsJson()) {
                console.complain(
                        "the server works on it as the task " + task.id() + ", with or without this command: " + show);
            }
            Consumer<RemoteTask> told = invocation.wantsJson() ? known -> {} : new TaskProgress(console);
            ToolResult.report(connection.await(task.id(), told, options.limit()), invocation);
        } else if (invocation.wantsJson()) {
            console.json(Map.of("task", task.id(), "status", task.status().text()));
        } else {
            console.printWhole(task.id());
            console.complain("its result, when there is one: " + show);
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
}
