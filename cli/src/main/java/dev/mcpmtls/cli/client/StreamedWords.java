// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Console;
import java.util.function.Consumer;

/** Prints what a language model says while it says it. Thread-safe. */
final class StreamedWords implements Consumer<String> {

    private final Console console;
    private final StringBuilder printed = new StringBuilder();
    private String held = "";

    StreamedWords(Console console) {
        this.console = console;
    }

    @Override
    public synchronized void accept(String piece) {
        String text = held + piece;
        boolean isHalf = !text.isEmpty() && isHalf(text.charAt(text.length() - 1));
        held = isHalf ? text.substring(text.length() - 1) : "";
        print(isHalf ? text.substring(0, text.length() - 1) : text);
    }

    /** The rest of the character, or of the line's end, comes with the next piece. */
    private static boolean isHalf(char last) {
        return Character.isHighSurrogate(last) || last == '\r';
    }

    private void print(String text) {
        printed.append(text);
        console.printPiece(text);
    }

    /** Prints an answer, unless its words have just been printed; then ends their line. */
    synchronized void finish(String answer) {
        print(held);
        held = "";
        boolean isPrinted = printed.length() > 0 && printed.toString().endsWith(answer);
        if (printed.length() > 0 && printed.charAt(printed.length() - 1) != '\n') {
            console.printPiece("\n");
        }
        if (!isPrinted) {
            console.printLines(answer);
        }
        printed.setLength(0);
    }
}
