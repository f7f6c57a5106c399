// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.TaskState;
import java.util.function.Consumer;

/** Prints how far a task is, on standard error, once for each thing that the server says. */
final class TaskProgress implements Consumer<TaskState> {

    private static final int MAX_LINES = 1_000;

    private final Console console;
    private String last = "";
    private int lines;

    TaskProgress(Console console) {
        this.console = console;
    }

    @Override
    public synchronized void accept(TaskState task) {
        String now = words(task);
        if (!now.equals(last) && !task.status().isTerminal() && lines < MAX_LINES) {
            last = now;
            lines++;
            console.complain(now);
        }
    }

    /** The status, and what the server says of it. */
    static String words(TaskState task) {
        String status = task.status().text().replace('_', ' ');
        return task.message()
                .map(message -> status + ": " + Printable.line(message))
                .orElse(status);
    }
}
