// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a completion script for bash and zsh. */
@Command(name = "completion", description = "Prints a completion script: source <(mcp-mtls completion)", hidden = true)
final class CompletionCommand implements Runnable {

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        CommandSpec own = java.util.Objects.requireNonNull(spec);
        System.out.println(AutoComplete.bash("mcp-mtls", own.root().commandLine()));
    }
}
