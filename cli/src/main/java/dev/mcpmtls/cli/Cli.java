// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.Console.Style;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** The command line: one word picks the command, {@link ExitCode} is the answer. */
public final class Cli {

    private static final String COMPLETION = "completion";
    private static final String HELP = "help";

    private Cli() {}

    /** Runs a command in this process and exits with its code. */
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        Console console = Console.ofProcess(environment);
        Optional<String> unreadable =
                NativeText.ofProcess(environment, arguments).complaint();
        unreadable.ifPresent(why -> complain(console, why));
        System.exit(unreadable.isEmpty() ? run(console, environment, arguments) : ExitCode.USAGE.number());
    }

    /** Runs a command and returns its exit code. */
    static int run(Console console, Map<String, String> environment, String... arguments) {
        return commandLine(new Invocation(console, environment), arguments).execute(arguments);
    }

    /** Every command inherits every setting's option, so only the one that is named first is made; all of them when none is. */
    private static CommandLine commandLine(Invocation invocation, String... arguments) {
        CommandLine root = new CommandLine(new RootCommand());
        Flags.addTo(root.getCommandSpec(), invocation);
        Map<String, Function<Invocation, Object>> commands = commands();
        Function<Invocation, Object> named = arguments.length == 0 ? null : commands.get(arguments[0]);
        if (named == null || arguments[0].equals(COMPLETION) || arguments[0].equals(HELP)) {
            commands.values().forEach(command -> root.addSubcommand(command.apply(invocation)));
        } else {
            root.addSubcommand(named.apply(invocation));
        }
        root.setExecutionExceptionHandler((thrown, failed, parsed) -> explain(thrown, invocation));
        root.setParameterExceptionHandler((thrown, given) -> explainUsage(thrown, invocation));
        root.setColorScheme(CommandLine.Help.defaultColorScheme(
                invocation.console().styled(Style.STRONG, "").isEmpty() ? Ansi.OFF : Ansi.ON));
        root.setAllowSubcommandsAsOptionParameters(true);
        root.setUsageHelpAutoWidth(true);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    /** In the order in which help lists them. */
    private static Map<String, Function<Invocation, Object>> commands() {
        Map<String, Function<Invocation, Object>> commands = new LinkedHashMap<>();
        commands.put("demo", DemoCommand::new);
        commands.put("init", InitCommand::new);
        commands.put("serve", ServeCommand::new);
        commands.put("ask", AskCommand::new);
        commands.put("tools", ToolsCommand::new);
        commands.put("call", CallCommand::new);
        commands.put("doctor", DoctorCommand::new);
        commands.put("cert", CertCommand::new);
        commands.put("audit", AuditCommand::new);
        commands.put("config", ConfigCommand::new);
        commands.put(HELP, HelpCommand::new);
        commands.put(COMPLETION, invocation -> new CompletionCommand());
        commands.put("prepare", invocation -> new PrepareCommand());
        return commands;
    }

    /** One or two lines: what, why, what to do. The stack only when asked for, or when the fault is ours. */
    private static int explain(Exception thrown, Invocation invocation) {
        ExitCode code = Failure.codeOf(thrown);
        Console console = invocation.console();
        String message = code == ExitCode.INTERNAL_ERROR
                ? "this should not have happened: " + thrown
                        + (invocation.isVerbose() ? "" : "; run again with -v for details")
                : Failure.messageOf(thrown);
        complain(console, message);
        if (invocation.isVerbose()) {
            console.trace(thrown);
        }
        // An answer that was printed tells of its own failures.
        if (invocation.wantsJson() && !console.hasPrintedJson()) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("exitCode", code.number());
            error.put("kind", code.name().toLowerCase(java.util.Locale.ROOT));
            error.put("message", message);
            console.json(Map.of("error", error));
        }
        return code.number();
    }

    private static int explainUsage(ParameterException thrown, Invocation invocation) {
        complain(invocation.console(), Misuse.of(thrown).told());
        return ExitCode.USAGE.number();
    }

    private static void complain(Console console, String message) {
        console.complain(console.styledForErrors(Style.BAD, "mcp-mtls: ") + message);
    }
}
