// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.packages;

import dev.mcpmtls.cli.Cli;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Writes a manual page for each command, in AsciiDoc. */
public final class Manual {

    private Manual() {}

    /**
     * Writes the pages into a directory.
     *
     * @param arguments the directory, which is made
     */
    public static void main(String[] arguments) throws IOException {
        File directory = Files.createDirectories(Path.of(arguments[0])).toFile();
        int exit = ManPageGenerator.generateManPage(
                directory, null, new boolean[0], false, Cli.described().getCommandSpec());
        if (exit != 0) {
            throw new IOException("picocli wrote no manual pages, and exited with " + exit);
        }
    }
}
