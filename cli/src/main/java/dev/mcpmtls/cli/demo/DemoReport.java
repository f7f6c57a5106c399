// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.demo;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.console.TerminalText;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.identity.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The output of the demo, at most 80 columns wide, with a table of all checks at its end. */
final class DemoReport {

    private static final int WIDTH = 80;
    private static final int MAX_CELL = 20;
    private static final String INDENT = "   ";

    private final Console console;
    private final List<Check> checks = new ArrayList<>();
    private int chapters;

    /** One row of the table. */
    private record Check(String what, String expected, String happened) {
        boolean holds() {
            return happened.equals(expected);
        }
    }

    DemoReport(Console console) {
        this.console = console;
    }

    void chapter(String title) {
        chapters++;
        console.print("");
        console.print(console.styled(Style.STRONG, chapters + "  " + title));
    }

    void tell(String text) {
        wrap("", text, Style.PLAIN);
    }

    void tell(String label, String text) {
        wrap(String.format("%-10s", label), text, Style.PLAIN);
    }

    /** A line that is printed as it is. */
    void code(String line) {
        console.print(INDENT, console.styled(Style.FAINT, line));
    }

    void strong(String text) {
        wrap("", text, Style.STRONG);
    }

    void faint(String text) {
        wrap("", text, Style.FAINT);
    }

    void check(String what, String expected, String happened) {
        checks.add(new Check(what, expected, happened));
    }

    /**
     * Prints the table.
     *
     * @throws Failure when something did not happen as it should
     */
    void conclude(Duration took) {
        chapter("Summary");
        Table table = new Table();
        table.row(faintly("   check"), faintly("expected"), faintly("happened"));
        for (Check check : checks) {
            Style style = check.holds() ? Style.GOOD : Style.BAD;
            table.row(
                    "   " + check.what,
                    check.expected,
                    new Table.Cell(shortened(check.happened), style),
                    new Table.Cell(check.holds() ? "✓" : "✗", style));
        }
        table.printTo(console);
        List<Check> broken = checks.stream().filter(check -> !check.holds()).toList();
        console.print("");
        if (broken.isEmpty()) {
            console.print(
                    console.styled(Style.GOOD, "All " + checks.size() + " checks hold"),
                    ", in "
                            + String.format("%.1f", took.toMillis() / 1000.0)
                            + " s. Now for real: mcp-mtls init, mcp-mtls serve all.");
            return;
        }
        List<String> lines = broken.stream()
                .map(check -> check.what + ": expected '" + check.expected + "', but '" + check.happened + "' happened")
                .toList();
        throw new Failure(ExitCode.FAILED, lines);
    }

    private static Table.Cell faintly(String text) {
        return new Table.Cell(text, Style.FAINT);
    }

    private static String shortened(String text) {
        return text.length() <= MAX_CELL ? text : text.substring(0, MAX_CELL - 3) + "...";
    }

    private void wrap(String label, String text, Style style) {
        String shown = Printable.line(text);
        int width = WIDTH - INDENT.length() - label.length();
        for (TerminalText.Span line : TerminalText.wrap(shown, width, width)) {
            console.print(
                    INDENT,
                    console.styled(Style.FAINT, label),
                    console.styled(style, shown.substring(line.start(), line.end())));
            label = " ".repeat(label.length());
        }
    }
}
