// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a completion script for bash and zsh. */
@Command(
        name = "completion",
        description = "Prints a completion script for bash and zsh; it completes commands, options and their values.")
final class CompletionCommand implements Runnable {

    /** Stands in the script where the names of the store's credentials go. */
    static final String CREDENTIALS = "credentials-of-the-store";

    /** Bash expands words that it completes, so a directory called {@code $(reboot)} must not become one. */
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
        CommandSpec own = Objects.requireNonNull(spec);
        String script = AutoComplete.bash("mcp-mtls", own.root().commandLine());
        invocation.console().printLines(script.replace(CREDENTIALS, LISTED));
    }
}
