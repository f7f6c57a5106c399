// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does nothing without one of its subcommands. */
public abstract class CommandGroup implements Runnable {

    /** The beginning of the message when there is none. */
    public static final String NO_SUBCOMMAND = "missing subcommand";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public final void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), NO_SUBCOMMAND);
    }
}
