// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.cli.invocation.CommandGroup;
import dev.mcpmtls.cli.invocation.Invocation;
import picocli.CommandLine.Command;

/** Access rules: what is wrong with them, and what they decide. */
@Command(name = "policy", description = "Checks access rules, explains a decision, and tests rules against cases.")
public final class PolicyCommand extends CommandGroup {

    private PolicyCommand() {}

    /** The command with its subcommands. */
    public static picocli.CommandLine of(Invocation invocation) {
        return new picocli.CommandLine(new PolicyCommand())
                .addSubcommand(new CheckCommand(invocation))
                .addSubcommand(new ExplainCommand(invocation))
                .addSubcommand(new TestCommand(invocation));
    }
}
