// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.console.Console.Style;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ConsoleTest {

    private static final String EVIL = "a\u001b[2J\u009b2J\u007f\u202e\r\nmcp-mtls: forged\u2028\ud800";

    @Test
    void printsALineThatNothingInItCanLeave() {
        String clean = "a\\u001b[2J\\u009b2J\\u007f\\u202e\\r\\nmcp-mtls: forged\\u2028\\ud800";

        assertThat(printed(false, console -> console.print("x ", console.styled(Style.BAD, EVIL))))
                .isEqualTo("x " + clean + "\n");
        assertThat(printed(false, console -> console.printWhole(EVIL))).isEqualTo(clean + "\n");
    }

    @Test
    void coloursItsOwnPartsAlone() {
        assertThat(printed(true, console -> console.print(console.styled(Style.BAD, "red"), " \u001b[31mplain")))
                .isEqualTo("\u001b[31mred\u001b[0m \\u001b[31mplain\n");
    }

    @Test
    void printsJsonThatSaysTheSameInEscapes() {
        String json = printed(false, console -> console.json(Map.of("evil", EVIL)));

        assertThat(json.strip().chars()).allMatch(c -> c >= 0x20 && c < 0x7f);
        assertThat(JsonMapper.shared().readTree(json).get("evil").asString()).isEqualTo(EVIL);
    }

    @Test
    void printsTheLinesOfATextAndNothingElseOfIt() {
        assertThat(printed(false, console -> console.printLines("one\n\ttwo\u001b[1A")))
                .isEqualTo("one\n\ttwo\\u001b[1A\n");
    }

    @Test
    void breaksSentencesWhereTheTerminalEnds() {
        assertThat(printedOn(30, console -> console.print("  the quick brown fox jumps over the lazy dog")))
                .isEqualTo("  the quick brown fox jumps\n    over the lazy dog\n");
    }

    @Test
    void breaksNothingThatProgramsRead() {
        String line = "the quick brown fox jumps over the lazy dog";

        assertThat(printed(false, console -> console.print(line))).isEqualTo(line + "\n");
        assertThat(printedOn(30, console -> console.printWhole(line))).isEqualTo(line + "\n");
    }

    @Test
    void fitsTablesToTheTerminal() {
        String narrow = printedOn(40, ConsoleTest::table);

        assertThat(narrow.lines()).allMatch(line -> line.length() <= 40);
        assertThat(narrow.lines().toList())
                .containsExactly(
                        "weather  valid    23 hours and 59",
                        "                  minutes left",
                        "echo     expired  long ago");
        assertThat(printed(false, ConsoleTest::table).lines().toList())
                .containsExactly("weather  valid    23 hours and 59 minutes left", "echo     expired  long ago");
    }

    @Test
    void makesParagraphsOfRowsThatCannotFit() {
        List<String> lines = printedOn(20, console -> {
                    Table table = new Table();
                    table.row("weather", "spiffe://demo.local/w", "valid");
                    table.printTo(console);
                })
                .lines()
                .toList();

        assertThat(lines).containsExactly("weather", "    spiffe://demo.local/w", "    valid");
    }

    @Test
    void cleansCells() {
        assertThat(printed(false, console -> {
                    Table table = new Table();
                    table.row(EVIL, "next");
                    table.printTo(console);
                }))
                .hasLineCount(1)
                .doesNotContain("\u001b", "\u009b", "\u007f", "\u202e", "\r", "\u2028");
    }

    private static void table(Console console) {
        Table table = new Table();
        table.row("weather", "valid", "23 hours and 59 minutes left");
        table.row("echo", "expired", "long ago");
        table.printTo(console);
    }

    private static String printed(boolean colours, Consumer<Console> print) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        print.accept(new Console(out, out, colours, colours));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String printedOn(int columns, Consumer<Console> print) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        print.accept(Console.ofWidth(out, out, columns));
        return out.toString(StandardCharsets.UTF_8);
    }
}
