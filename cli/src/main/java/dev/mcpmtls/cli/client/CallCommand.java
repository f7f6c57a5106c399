// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.bridge.client.Called;
import dev.mcpmtls.bridge.client.ServerErrorException;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.telemetry.Telemetry;
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
        try (LateAudit audit = new LateAudit(settings, "mcp-mtls-call");
                Telemetry telemetry = Telemetry.start(settings);
                McpConnection connection = connect(settings, url, audit, telemetry)) {
            Called called = call(connection, tools(connection), given);
            if (called instanceof Called.Begun begun) {
                follow(connection, settings, begun.task());
            } else if (called instanceof Called.Answered answered) {
                ToolResult.report(answered.result(), invocation);
            }
        } catch (Outage outage) {
            throw outage.kind() == Outage.Kind.TOOL_WITHHELD ? withheld(settings, outage) : outage;
        }
    }

    private static McpConnection connect(Settings settings, URI url, LateAudit audit, Telemetry telemetry) {
        OwnSide own = OwnSide.of(settings, audit);
        var unused = audit.opened(); // nothing is sent without it
        return McpConnection.open(
                url, own, ClientOptions.pins(settings, url), ClientOptions.timeout(settings), telemetry.observer());
    }

    /** The server works on the call as a task. */
    private void follow(McpConnection connection, Settings settings, TaskState task) {
        Console console = invocation.console();
        new TaskNotes(settings, InstantSource.system()).keep(server, tool, task);
        String show = "mcp-mtls tasks show " + ShellWords.quoted(server) + " " + ShellWords.quoted(task.id())
                + ShellWords.sameDir(settings) + " --wait";
        if (!inBackground) {
            if (!invocation.wantsJson()) {
                console.complain(
                        "the server works on it as the task " + task.id() + ", with or without this command: " + show);
            }
            Consumer<TaskState> told = invocation.wantsJson() ? known -> {} : new TaskProgress(console);
            ToolResult.report(connection.await(task.id(), told, options.limit()), invocation);
        } else if (invocation.wantsJson()) {
            console.json(Map.of("task", task.id(), "status", task.status().text()));
        } else {
            console.printWhole(task.id());
            console.complain("its result, when there is one: " + show);
        }
    }

    /** A client that may not list the tools may still call one. */
    private static List<ListedTool> tools(McpConnection connection) {
        try {
            return connection.tools();
        } catch (ServerErrorException e) {
            if (Failure.of(e).code() == ExitCode.DENIED) {
                return List.of();
            }
            throw e;
        }
    }

    private Failure withheld(Settings settings, Outage withheld) {
        return new Failure(
                ExitCode.DENIED,
                List.of(
                        String.valueOf(withheld.getMessage()),
                        "look at it and decide: mcp-mtls tools " + ShellWords.quoted(server)
                                + ShellWords.sameDir(settings)));
    }

    private Called call(McpConnection connection, List<ListedTool> tools, Optional<Map<String, Object>> given) {
        Optional<ListedTool> listed =
                tools.stream().filter(known -> known.name().equals(tool)).findFirst();
        return listed.map(known -> connection.call(tool, arguments(known, given)))
                .orElseGet(() -> callUnlisted(connection, tools, given));
    }

    /** Servers do not list what we may not use: called nevertheless, they say whether that is why, and record it. */
    private Called callUnlisted(McpConnection connection, List<ListedTool> tools, Optional<Map<String, Object>> given) {
        try {
            return connection.call(tool, arguments(ListedTool.unlisted(tool), given));
        } catch (ServerErrorException e) {
            if (Failure.isTooMany(e)) {
                throw e;
            }
            throw new Failure(
                    ExitCode.FAILED,
                    List.of(
                            "the server has no tool '" + tool + "'",
                            tools.isEmpty()
                                    ? "it lists none for you"
                                    : "it has "
                                            + tools.stream()
                                                    .map(ListedTool::name)
                                                    .collect(Collectors.joining(", "))),
                    e);
        }
    }

    private Map<String, Object> arguments(ListedTool known, Optional<Map<String, Object>> given) {
        return given.orElseGet(() -> ToolArguments.parse(known, words));
    }
}
