// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.bridge.client.ServerErrorException;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The tasks that 'call' has begun: lists them, shows how far one is, gives one up. */
@Command(name = "tasks", description = "Lists, shows and cancels the long calls that servers work on as tasks.")
public final class TasksCommand implements Runnable {

    private static final String SERVER = "https://host:port/mcp, or the name of a configured server";

    private final Invocation invocation;
    private final InstantSource clock = InstantSource.system();

    @Spec
    private @Nullable CommandSpec spec;

    private final ClientOptions options;

    public TasksCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "missing subcommand");
    }

    @Command(
            name = "list",
            description = "Lists the tasks that commands with this store have begun, and that servers may still know.")
    void list(
            @Parameters(index = "0", arity = "0..1", paramLabel = "URL", description = SERVER + "; default all")
                    @Nullable
                    String server) {
        Console console = invocation.console();
        List<TaskNotes.Note> notes = new TaskNotes(invocation.settings(), clock)
                .all().stream()
                        .filter(note -> server == null || note.server().equals(server))
                        .toList();
        if (invocation.wantsJson()) {
            console.json(
                    Map.of("tasks", notes.stream().map(TasksCommand::asObject).toList()));
            return;
        }
        if (notes.isEmpty()) {
            console.complain("no call with this store has become a task lately");
            return;
        }
        Table table = new Table();
        notes.forEach(note -> table.row(
                note.server(),
                note.id(),
                note.tool(),
                Times.text(Duration.between(note.begun(), clock.instant())) + " ago"));
        table.printTo(console);
    }

    private static Map<String, Object> asObject(TaskNotes.Note note) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("server", note.server());
        object.put("task", note.id());
        object.put("tool", note.tool());
        object.put("begun", note.begun().toString());
        return object;
    }

    @Command(name = "show", description = "Shows how far a task is, and its result once it has one.")
    void show(
            @Parameters(index = "0", paramLabel = "URL", description = SERVER) String server,
            @Parameters(index = "1", paramLabel = "TASK", description = "the task's id") String id,
            @Option(names = "--wait", description = "waits until the task has ended") boolean waits,
            @Option(names = "--timeout", paramLabel = "DURATION", description = "how long it may take") @Nullable
                    String timeout) {
        options.timeout(timeout);
        with(server, id, connection -> {
            TaskState task = connection.task(id);
            if (task.status() == TaskStatus.CANCELLED || (!task.status().isTerminal() && !waits)) {
                print(task);
                return;
            }
            Consumer<TaskState> told = invocation.wantsJson() ? known -> {} : new TaskProgress(invocation.console());
            ToolResult.report(connection.await(id, told, options.limit()), invocation);
        });
    }

    private void print(TaskState task) {
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("task", task.id());
            object.put("status", task.status().text());
            object.put("message", task.message().orElse(null));
            object.put("createdAt", task.createdAt().map(Instant::toString).orElse(null));
            console.json(object);
        } else {
            console.print(TaskProgress.words(task));
        }
    }

    @Command(name = "cancel", description = "Gives a task up: the server stops its work.")
    void cancel(
            @Parameters(index = "0", paramLabel = "URL", description = SERVER) String server,
            @Parameters(index = "1", paramLabel = "TASK", description = "the task's id") String id) {
        with(server, id, connection -> {
            connection.cancel(id);
            print(connection.task(id));
        });
    }

    private void with(String server, String id, Consumer<McpConnection> act) {
        Settings settings = options.settings();
        URI url = ClientOptions.server(settings, server);
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-tasks");
                McpConnection connection = McpConnection.open(
                        url,
                        OwnSide.of(settings, audit),
                        ClientOptions.pins(settings, url),
                        ClientOptions.timeout(settings))) {
            act.accept(connection);
        } catch (RuntimeException e) {
            if (isUnknown(e)) {
                new TaskNotes(settings, clock).drop(server, id);
                throw new Failure(
                        ExitCode.FAILED,
                        List.of(
                                "the server has no task '" + Printable.clean(id) + "' of this identity, or no longer",
                                "compare the id with 'mcp-mtls tasks list', and begin the call again if its result is"
                                        + " gone"),
                        e);
            }
            throw e;
        }
    }

    private static boolean isUnknown(RuntimeException thrown) {
        return thrown instanceof ServerErrorException error && error.code() == ErrorCode.INVALID_PARAMS;
    }
}
