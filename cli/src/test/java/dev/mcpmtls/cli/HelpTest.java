// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Invocation;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class HelpTest {

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

    @ParameterizedTest
    @MethodSource("commands")
    void everyHelpEndsWithExamplesAndFitsTheTerminal(String command) {
        Run run = Run.of(words(command + " --help").toArray(String[]::new));

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("\nExamples:\n");
        assertThat(run.out().substring(run.out().indexOf("\nExamples:\n") + 11).lines())
                .isNotEmpty()
                .allMatch(line -> line.startsWith("  "));
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyExampleIsUnderstood(String command) {
        for (String example : Examples.of(command)) {
            List<String> words = words(example.replaceAll("^source <\\((.*)\\)$", "$1"));
            commandLine().parseArgs(words.toArray(String[]::new));
        }
    }

    @Test
    void aBareCommandShowsItsHelp() {
        Run run = Run.of();

        assertThat(run.code()).isZero();
        assertThat(run.out()).isEqualTo(Run.of("--help").out()).contains("Usage: mcp-mtls");
    }

    @Test
    void anUnknownCommandDoesNot() {
        Run run = Run.of("frobnicate");

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
    }

    static Stream<String> commands() {
        List<String> all = new ArrayList<>();
        collect(commandLine(), all);
        return all.stream();
    }

    private static void collect(CommandLine command, List<String> all) {
        if (!command.getCommandName().equals("prepare")) {
            all.add(command.getCommandSpec().qualifiedName());
        }
        command.getSubcommands().values().forEach(below -> collect(below, all));
    }

    static CommandLine commandLine() {
        OutputStream nowhere = OutputStream.nullOutputStream();
        return Cli.commandLine(new Invocation(new Console(nowhere, nowhere, false, false), Map.of()));
    }

    /** As a shell would read them, without the first. */
    private static List<String> words(String line) {
        return WORD.matcher(line).results().skip(1).map(HelpTest::word).toList();
    }

    private static String word(MatchResult found) {
        return Stream.of(1, 2, 3)
                .map(found::group)
                .filter(java.util.Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }
}
