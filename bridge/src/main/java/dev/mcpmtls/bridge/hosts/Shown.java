// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import dev.mcpmtls.identity.Printable;

/** Text from files, made safe for a terminal and still readable as JSON, TOML or YAML; how much of it is shown. */
final class Shown {

    /** The limit of a line in a diff: a minified file is one long line. */
    private static final int MAX_LINE = 500;

    private static final int MAX_MESSAGE = 300;

    private Shown() {}

    /** A line of a file, with its tabs. */
    static String line(String text) {
        return Printable.lines(Printable.cut(text, MAX_LINE));
    }

    /** A parser's message: its first line. */
    static String message(String text) {
        return Printable.line(Printable.cut(text.lines().findFirst().orElse(""), MAX_MESSAGE));
    }
}
