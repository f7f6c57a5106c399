// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.authority.AuthorityCommand;
import dev.mcpmtls.cli.cert.CertCommand;
import dev.mcpmtls.cli.cert.InitCommand;
import dev.mcpmtls.cli.client.AskCommand;
import dev.mcpmtls.cli.client.CallCommand;
import dev.mcpmtls.cli.client.CardCommand;
import dev.mcpmtls.cli.client.ConnectCommand;
import dev.mcpmtls.cli.client.DoctorCommand;
import dev.mcpmtls.cli.client.PinsCommand;
import dev.mcpmtls.cli.client.TasksCommand;
import dev.mcpmtls.cli.client.ToolsCommand;
import dev.mcpmtls.cli.client.WhoamiCommand;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.demo.DemoCommand;
import dev.mcpmtls.cli.host.HostCommand;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.Version;
import dev.mcpmtls.cli.policy.PolicyCommand;
import dev.mcpmtls.cli.prepare.PrepareCommand;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** The command line: one word picks the command, {@link ExitCode} is the answer. */
public final class Cli {

    private static final String PREPARE = "prepare";

    private static final String COMPLETION = "completion";
    private static final String HELP = "help";

    private Cli() {}

    /** Runs a command in this process and exits with its code. */
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        Console console = Console.ofProcess(environment);
        console.takeOver();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) ->
                LoggerFactory.getLogger(Cli.class).error("internal error on {}", thread.getName(), thrown));
        System.exit(NativeText.ofProcess(environment, arguments)
                .unreadable()
                .map(failure -> explain(failure, new Invocation(console, environment)))
                .orElseGet(() -> run(console, environment, arguments)));
    }

    /** Runs a command and returns its exit code. */
    static int run(Console console, Map<String, String> environment, String... arguments) {
        Invocation invocation = new Invocation(console, environment);
        try {
            int code = execute(invocation, arguments);
            return console.lost()
                    .map(why ->
                            complain(ExitCode.FAILED, List.of("cannot write to standard output: " + why), invocation))
                    .orElse(code);
        } catch (RuntimeException | Error e) {
            return explain(e, invocation);
        }
    }

    private static int execute(Invocation invocation, String... arguments) {
        // Parts of their own are prepared without picocli, which would otherwise be kept for them, and be loaded by
        // each.
        Optional<Runnable> plain = arguments.length == 2 && arguments[0].equals(PREPARE)
                ? prepare().part(arguments[1])
                : PlainCommandLine.of(invocation, arguments);
        if (plain.isEmpty()) {
            return commandLine(invocation, arguments).execute(arguments);
        }
        plain.get().run();
        return ExitCode.DONE.number();
    }

    /** Prints the help or the version on the console if it is asked for; otherwise runs the command. */
    private static int execute(ParseResult parsed, Console console) {
        for (CommandLine command : parsed.asCommandLineList()) {
            if (command.isUsageHelpRequested()) {
                HelpText.print(command, console);
                return ExitCode.DONE.number();
            }
            if (command.isVersionHelpRequested()) {
                console.print("mcp-mtls " + Version.text());
                return ExitCode.DONE.number();
            }
        }
        return new RunLast().execute(parsed);
    }

    /** All commands with their options and, as footers, their examples: to be read for manuals, not run. */
    public static CommandLine described() {
        OutputStream nowhere = OutputStream.nullOutputStream();
        CommandLine all = commandLine(new Invocation(new Console(nowhere, nowhere, false, false), Map.of()));
        addExamples(all);
        return all;
    }

    private static void addExamples(CommandLine command) {
        List<String> examples = Examples.of(command.getCommandSpec().qualifiedName());
        command.getCommandSpec().usageMessage().footerHeading("Examples%n").footer(examples.toArray(String[]::new));
        command.getSubcommands().values().forEach(Cli::addExamples);
    }

    /** Every command inherits every setting's option, so only the one that is named first is made; all of them when none is. */
    static CommandLine commandLine(Invocation invocation, String... arguments) {
        CommandLine root = new CommandLine(new RootCommand(invocation.console()));
        Flags.addTo(root.getCommandSpec(), invocation);
        Map<String, Function<Invocation, Object>> commands = commands();
        Function<Invocation, Object> named = arguments.length == 0 ? null : commands.get(arguments[0]);
        if (named == null || arguments[0].equals(COMPLETION) || arguments[0].equals(HELP)) {
            commands.values().forEach(command -> root.addSubcommand(command.apply(invocation)));
        } else {
            root.addSubcommand(named.apply(invocation));
        }
        root.setExecutionExceptionHandler((thrown, failed, parsed) -> explain(thrown, invocation));
        root.setParameterExceptionHandler((thrown, given) -> {
            if (List.of(given).contains("--json")) {
                invocation.printJson(); // the parser may have stopped before it
            }
            return complain(ExitCode.USAGE, Misuse.of(thrown).lines(), invocation);
        });
        root.setExecutionStrategy(parsed -> execute(parsed, invocation.console()));
        root.setAllowSubcommandsAsOptionParameters(true);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    /** In the order in which help lists them. */
    private static Map<String, Function<Invocation, Object>> commands() {
        Map<String, Function<Invocation, Object>> commands = new LinkedHashMap<>();
        commands.put("demo", DemoCommand::new);
        commands.put("init", InitCommand::new);
        commands.put("serve", ServeCommand::new);
        commands.put("pins", PinsCommand::new);
        commands.put("ask", AskCommand::new);
        commands.put("tools", ToolsCommand::new);
        commands.put("call", CallCommand::new);
        commands.put("tasks", TasksCommand::new);
        commands.put("connect", ConnectCommand::new);
        commands.put("host", HostCommand::new);
        commands.put("whoami", WhoamiCommand::new);
        commands.put("card", CardCommand::new);
        commands.put("policy", PolicyCommand::of);
        commands.put("doctor", DoctorCommand::new);
        commands.put("cert", CertCommand::new);
        commands.put("authority", AuthorityCommand::new);
        commands.put("join", JoinCommand::new);
        commands.put("audit", AuditCommand::new);
        commands.put("config", ConfigCommand::new);
        commands.put(HELP, HelpCommand::new);
        commands.put(COMPLETION, CompletionCommand::new);
        commands.put(PREPARE, invocation -> prepare());
        return commands;
    }

    private static PrepareCommand prepare() {
        return new PrepareCommand(Cli::run, Cli.class.getName());
    }

    /** Prints the failure, its cause and its remedy; the stack trace only with {@code -v}. */
    private static int explain(Throwable thrown, Invocation invocation) {
        Failure failure = Failure.of(thrown);
        int code = complain(failure.code(), failure.lines(), invocation);
        if (invocation.isVerbose()) {
            invocation.console().trace(thrown);
        }
        return code;
    }

    private static int complain(ExitCode code, List<String> lines, Invocation invocation) {
        Console console = invocation.console();
        console.complain(console.styled(Style.BAD, "mcp-mtls: "), Console.bounded(lines.get(0)));
        lines.stream().skip(1).forEach(line -> console.complain("  ", Console.bounded(line)));
        // An answer that was printed tells of its own failures.
        if (invocation.wantsJson() && !console.hasPrintedJson()) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("exitCode", code.number());
            error.put("kind", code.name().toLowerCase(Locale.ROOT));
            error.put("message", String.join("\n", lines));
            console.json(Map.of("error", error));
        }
        return code.number();
    }
}
