// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.Console.Style;
import java.util.ArrayList;
import java.util.List;

/** Rows in columns as wide as they need to be. Styles go around padded text, so that they do not count as width. */
final class Table {

    /** A text and how it is shown. */
    record Cell(String text, Style style) {}

    private final List<List<Cell>> rows = new ArrayList<>();

    void row(Object... cells) {
        List<Cell> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(cell instanceof Cell styled ? styled : new Cell(cell.toString(), Style.PLAIN));
        }
        rows.add(row);
    }

    void printTo(Console console) {
        for (List<Cell> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                boolean isLast = column == row.size() - 1;
                Cell cell = row.get(column);
                line.append(console.styled(cell.style, cell.text));
                line.append(isLast ? "" : " ".repeat(width(column) - cell.text.length() + 2));
            }
            console.print(line.toString());
        }
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> row.size() > column)
                .mapToInt(row -> row.get(column).text.length())
                .max()
                .orElse(0);
    }
}
