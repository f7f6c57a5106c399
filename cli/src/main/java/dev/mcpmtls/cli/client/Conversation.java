// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Questions from standard input, a line each, until it ends or says {@code exit}. A question without an answer does not end it. */
final class Conversation {

    private static final int MAX_LINE = 100_000;
    private static final Set<String> ENDS = Set.of("exit", "quit");

    private final Console console;

    Conversation(Console console) {
        this.console = console;
    }

    /** @param ask answers a question, or throws a {@link Failure} that says why not */
    void hold(Consumer<String> ask) {
        boolean isTyped = Console.isTyped();
        if (isTyped) {
            console.complain("Ask a question, or type exit.");
        }
        Reader input = new BufferedReader(new InputStreamReader(console.input(), StandardCharsets.UTF_8));
        for (Optional<String> line = line(input); line.isPresent(); line = line(input)) {
            String question = line.get().strip();
            if (ENDS.contains(question)) {
                return;
            }
            if (!question.isEmpty()) {
                answer(ask, question);
            }
        }
    }

    private void answer(Consumer<String> ask, String question) {
        try {
            ask.accept(question);
        } catch (Failure e) {
            e.lines().forEach(line -> console.complain(line));
        }
    }

    private static Optional<String> line(Reader input) {
        StringBuilder line = new StringBuilder();
        try {
            int next = input.read();
            if (next < 0) {
                return Optional.empty();
            }
            for (; next >= 0 && next != '\n'; next = input.read()) {
                if (line.length() <= MAX_LINE) {
                    line.append((char) next);
                }
            }
            return Optional.of(line.toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
