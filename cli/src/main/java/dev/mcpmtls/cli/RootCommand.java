// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.console.Console;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line without a subcommand. */
@Command(
        name = "mcp-mtls",
        description = "Mutual TLS for the Model Context Protocol: every agent and every server proves who it is.",
        synopsisSubcommandLabel = "COMMAND",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "New here? 'mcp-mtls demo' shows everything in a few seconds.",
            "Every setting is also an option of every command; 'mcp-mtls config --keys' lists them.",
            "Exit codes: 0 done, 1 internal error, 2 usage, 3 unreachable, 4 certificate or TLS refused,"
                    + " 5 tool or question failed, 6 timed out, 7 denied."
        })
final class RootCommand implements Runnable {

    private final Console console;

    @Spec
    private @Nullable CommandSpec spec;

    RootCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        HelpText.print(Objects.requireNonNull(spec).commandLine(), console);
    }
}
