// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.console.Console;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** The text that {@code --help} prints. */
final class HelpText {

    private static final String EXAMPLES = "examples";

    private HelpText() {}

    /** Prints what a command does and takes, with examples. */
    static void print(CommandLine command, Console console) {
        List<String> sections = new ArrayList<>(command.getHelpSectionKeys());
        sections.add(EXAMPLES);
        command.setHelpSectionKeys(sections);
        command.getHelpSectionMap()
                .put(EXAMPLES, help -> Examples.section(help.commandSpec().qualifiedName()));
        console.help(command);
    }
}
