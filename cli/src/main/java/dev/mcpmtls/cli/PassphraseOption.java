// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The passphrase of the authority's key: from a file, a variable or the terminal, never from the command line. */
final class PassphraseOption {

    private static final int MAX_BYTES = 64 * 1024;
    private static final String VARIABLE = "MCP_MTLS_AUTHORITY_PASSPHRASE";

    private final Invocation invocation;

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "the passphrase of the authority's key is this file's first line (or in " + VARIABLE + ")")
    private @Nullable Path file;

    @Option(
            names = "--ask-passphrase",
            scope = ScopeType.INHERIT,
            description = "ask for the passphrase of the authority's key on the terminal")
    private boolean asks;

    PassphraseOption(Invocation invocation) {
        this.invocation = invocation;
    }

    /** The passphrase, which the caller closes; empty when none was given. */
    Optional<Passphrase> read() {
        if (file != null) {
            return Optional.of(Passphrase.of(firstLine(file)));
        }
        if (asks) {
            return Optional.of(Passphrase.of(prompt()));
        }
        return invocation.variable(VARIABLE).map(text -> Passphrase.of(text.toCharArray()));
    }

    /** How another command is given the same, with a blank before it; a variable is there already. */
    String again() {
        if (file != null) {
            return " --passphrase-file " + file;
        }
        return asks ? " --ask-passphrase" : "";
    }

    private static char[] prompt() {
        char[] typed = Console.ask("Passphrase of the authority's key: ");
        if (typed == null) {
            throw new Failure(ExitCode.USAGE, "there is no terminal to ask on; use --passphrase-file or " + VARIABLE);
        }
        return typed;
    }

    /** A passphrase that lies in a file; the caller wipes it. */
    static char[] firstLine(Path file) {
        try {
            byte[] bytes = SmallFiles.read(file, MAX_BYTES);
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            Arrays.fill(bytes, (byte) 0);
            int end = 0;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            char[] line = new char[end];
            text.get(line);
            Arrays.fill(text.array(), '\0');
            return line;
        } catch (CharacterCodingException e) {
            throw new UnusableCredentialException("the passphrase in " + file + " is not UTF-8 text", e);
        } catch (NoSuchFileException e) {
            throw new UnusableCredentialException("there is no passphrase file " + file + "; correct the path", e);
        } catch (IOException e) {
            throw new UnusableCredentialException(
                    "cannot read the passphrase file " + file + ": " + Failures.reason(e), e);
        }
    }
}
