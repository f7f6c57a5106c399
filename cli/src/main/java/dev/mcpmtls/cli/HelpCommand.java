// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.invocation.Invocation;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Does what {@code --help} does, for those who write it as a word. */
@Command(name = "help", description = "Explains a command; the same as COMMAND --help.")
final class HelpCommand implements Runnable {

    private final Invocation invocation;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "such as call, or cert rekey")
    private List<String> names = List.of();

    HelpCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        CommandLine explained = Objects.requireNonNull(spec).root().commandLine();
        for (String name : names) {
            explained = below(explained, name);
        }
        HelpText.print(explained, invocation.console());
    }

    private static CommandLine below(CommandLine command, String name) {
        CommandLine found = command.getSubcommands().get(name);
        if (found == null) {
            throw new UnmatchedArgumentException(command, List.of(name));
        }
        return found;
    }
}
