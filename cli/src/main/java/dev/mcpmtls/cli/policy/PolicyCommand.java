// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.cli.invocation.Invocation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Access rules: what is wrong with them, and what they decide. */
@Command(name = "policy", description = "Checks access rules, explains a decision, and tests rules against cases.")
public final class PolicyCommand implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    private PolicyCommand() {}

    /** The command with its subcommands. */
    public static picocli.CommandLine of(Invocation invocation) {
        return new picocli.CommandLine(new PolicyCommand())
                .addSubcommand(new CheckCommand(invocation))
                .addSubcommand(new ExplainCommand(invocation))
                .addSubcommand(new TestCommand(invocation));
    }

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "missing subcommand");
    }
}
