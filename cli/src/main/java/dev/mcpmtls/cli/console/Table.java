// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Console.Styled;
import dev.mcpmtls.identity.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows in columns as wide as they need to be. Where the terminal is narrower, cells are broken between words, the widest column
 * first; where that is not enough, each row becomes a paragraph.
 */
public final class Table {

    private static final int GAP = 2;
    private static final int INDENT = 4;

    /** A cell is not broken into columns of single words. */
    private static final int NARROW = 10;

    /** A text and how it is shown. */
    public record Cell(String text, Style style) {}

    private final List<List<Cell>> rows = new ArrayList<>();

    public void row(Object... cells) {
        List<Cell> row = new ArrayList<>();
        for (Object cell : cells) {
            Cell given = cell instanceof Cell styled ? styled : new Cell(cell.toString(), Style.PLAIN);
            row.add(new Cell(Printable.line(given.text), given.style));
        }
        rows.add(row);
    }

    public void printTo(Console console) {
        int[] widths = fitted(console.width());
        boolean fits = total(widths) <= console.width();
        rows.forEach(row -> {
            if (fits) {
                print(row, widths, console);
            } else {
                printParagraph(row, console);
            }
        });
    }

    private int[] fitted(int most) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        int[] least = new int[columns];
        for (List<Cell> row : rows) {
            for (int column = 0; column < row.size(); column++) {
                String text = row.get(column).text;
                widths[column] = Math.max(widths[column], TerminalText.width(text));
                int narrow = Math.min(NARROW, TerminalText.width(text));
                least[column] = Math.max(least[column], Math.max(narrow, longestWord(text)));
            }
        }
        while (total(widths) > most) {
            int widest = IntStream.range(0, columns)
                    .filter(column -> widths[column] > least[column])
                    .reduce((a, b) -> widths[b] > widths[a] ? b : a)
                    .orElse(-1);
            if (widest < 0) {
                return widths;
            }
            widths[widest]--;
        }
        return widths;
    }

    /** The width of the longest word; the first counts with its indentation. */
    private static int longestWord(String text) {
        return TerminalText.wrap(text, 1, 1).stream()
                .mapToInt(span -> TerminalText.width(text.substring(span.start(), span.end())))
                .max()
                .orElse(0);
    }

    private static int total(int... widths) {
        return IntStream.of(widths).sum() + GAP * Math.max(0, widths.length - 1);
    }

    private static void print(List<Cell> row, int[] widths, Console console) {
        List<List<String>> cells = new ArrayList<>();
        for (int column = 0; column < row.size(); column++) {
            String text = row.get(column).text;
            cells.add(TerminalText.wrap(text, widths[column], widths[column]).stream()
                    .map(span -> text.substring(span.start(), span.end()))
                    .toList());
        }
        int height = cells.stream().mapToInt(List::size).max().orElse(0);
        for (int line = 0; line < height; line++) {
            List<Object> parts = new ArrayList<>();
            int missing = 0;
            for (int column = 0; column < row.size(); column++) {
                String text =
                        line < cells.get(column).size() ? cells.get(column).get(line) : "";
                if (!text.isEmpty()) {
                    parts.add(" ".repeat(missing));
                    parts.add(new Styled(row.get(column).style, text));
                    missing = 0;
                }
                missing += widths[column] - TerminalText.width(text) + GAP;
            }
            console.printWhole(parts.toArray());
        }
    }

    private static void printParagraph(List<Cell> row, Console console) {
        for (int column = 0; column < row.size(); column++) {
            Cell cell = row.get(column);
            if (!cell.text.isBlank()) {
                console.print(column == 0 ? "" : " ".repeat(INDENT), new Styled(cell.style, cell.text));
            }
        }
    }
}
