// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.auditlog.Vocabulary;
import dev.mcpmtls.authority.RevocationReason;
import dev.mcpmtls.bridge.hosts.Host;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.runtime.settings.Keys;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Prints a completion script for bash and zsh. The label of a value in the help determines its completions. */
@Command(
        name = "completion",
        description = "Prints a completion script for bash and zsh: commands, options and their values.")
final class CompletionCommand implements Runnable {

    /** Stands in the script where the names of the store's credentials go. */
    private static final String CREDENTIALS = "credentials-of-the-store";

    /** Bash expands the words that it completes, so a directory called {@code $(reboot)} must not become one. */
    private static final String LISTED =
            "$(ls \"${MCP_MTLS_DIR:-.mcp-mtls}/credentials\" 2>/dev/null | grep -E '^[A-Za-z0-9][A-Za-z0-9._-]*$')";

    private final Invocation invocation;

    @Spec
    private @Nullable CommandSpec spec;

    CompletionCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        invocation.refuseJson("completion");
        CommandLine root = Objects.requireNonNull(spec).root().commandLine();
        addValues(root);
        invocation.console().printLines(AutoComplete.bash("mcp-mtls", root).replace('"' + CREDENTIALS + '"', LISTED));
    }

    private static void addValues(CommandLine command) {
        CommandSpec own = command.getCommandSpec();
        for (OptionSpec option : List.copyOf(own.options())) {
            List<String> values = values(own, option);
            if (option.scopeType() == ScopeType.LOCAL && !values.isEmpty()) {
                own.remove(option);
                own.addOption(
                        OptionSpec.builder(option).completionCandidates(values).build());
            }
        }
        for (PositionalParamSpec parameter : List.copyOf(own.positionalParameters())) {
            List<String> values = values(own, parameter);
            if (!values.isEmpty()) {
                own.remove(parameter);
                own.addPositional(PositionalParamSpec.builder(parameter)
                        .completionCandidates(values)
                        .build());
            }
        }
        command.getSubcommands().values().forEach(CompletionCommand::addValues);
    }

    private static List<String> values(CommandSpec command, ArgSpec argument) {
        String label = argument.paramLabel();
        return switch (label) {
            case "URL" -> Keys.SERVERS.stream().map(Keys.Server::name).toList();
            case "HOST" -> Arrays.stream(Host.values()).map(Host::id).toList();
            case "ACTION" -> Vocabulary.ACTIONS.words();
            case "REASON" -> isOfCert(command) ? revocationReasons() : Vocabulary.REASONS.words();
            default ->
                label.startsWith("NAME") && isOfCert(command) && !command.name().equals("issue")
                        ? List.of(CREDENTIALS)
                        : alternatives(label);
        };
    }

    private static boolean isOfCert(CommandSpec command) {
        return command.qualifiedName().contains(" cert ");
    }

    private static List<String> revocationReasons() {
        return Arrays.stream(RevocationReason.values())
                .map(RevocationReason::text)
                .toList();
    }

    /** The values with which an option can be completed: a setting's words, or the store's credentials. */
    static @Nullable List<String> values(String option, String label) {
        List<String> values = option.equals("--credential") ? List.of(CREDENTIALS) : alternatives(label);
        return values.isEmpty() ? null : values;
    }

    /** The words of a label such as {@code server|client|NAME}; capitals stand for a value of one's own. */
    private static List<String> alternatives(String label) {
        return label.indexOf('|') < 0
                ? List.of()
                : Stream.of(label.split("\\|"))
                        .filter(word -> word.matches("[a-z][a-z-]*"))
                        .toList();
    }
}
