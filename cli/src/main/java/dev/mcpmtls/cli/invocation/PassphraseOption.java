// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.runtime.PassphraseFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The passphrase of the authority's key: from a file, a variable or the terminal, never from the command line. */
public final class PassphraseOption {

    static final String VARIABLE = "MCP_MTLS_AUTHORITY_PASSPHRASE";

    private final Invocation invocation;

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "the passphrase of the authority's key, or the PIN of its token, is this file's first line (or in "
                            + VARIABLE + ")")
    private @Nullable Path file;

    @Option(
            names = "--ask-passphrase",
            scope = ScopeType.INHERIT,
            description = "ask for the passphrase of the authority's key on the terminal")
    private boolean asks;

    public PassphraseOption(Invocation invocation) {
        this.invocation = invocation;
    }

    /** The passphrase, which the caller closes; empty when none was given. */
    public Optional<Passphrase> read() {
        if (file != null) {
            return Optional.of(Passphrase.of(PassphraseFile.firstLine(file)));
        }
        if (asks) {
            return Optional.of(Passphrase.of(prompt("Passphrase of the authority's key: ")));
        }
        return invocation.variable(VARIABLE).map(text -> Passphrase.of(text.toCharArray()));
    }

    /** As {@link #read()}, for a key that does not exist yet: typed twice, because a slip would lock the authority. */
    public Optional<Passphrase> readNew() {
        if (file != null || !asks) {
            return read();
        }
        char[] typed = prompt("New passphrase of the authority's key: ");
        return Optional.of(Passphrase.of(agreed(typed, prompt("The same once more: "))));
    }

    static char[] agreed(char[] typed, char[] again) {
        boolean isSame = Arrays.equals(typed, again);
        Arrays.fill(again, '\0');
        if (!isSame) {
            Arrays.fill(typed, '\0');
            throw new Failure(ExitCode.USAGE, List.of("the two passphrases differ", "run the command again"));
        }
        return typed;
    }

    /** How another command is given the same, with a blank before it; a variable is there already. */
    public String again() {
        if (file != null) {
            return " --passphrase-file " + file;
        }
        return asks ? " --ask-passphrase" : "";
    }

    private static char[] prompt(String question) {
        char[] typed = Console.ask(question);
        if (typed == null) {
            throw new Failure(
                    ExitCode.USAGE, List.of("there is no terminal to ask on", "use --passphrase-file or " + VARIABLE));
        }
        return typed;
    }
}
