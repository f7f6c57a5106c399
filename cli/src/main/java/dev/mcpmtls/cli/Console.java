// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Where a command prints. Colour only where a person looks at a terminal and has not set {@code NO_COLOR}. */
final class Console {

    /** What a colour means here, whichever terminal shows it. */
    enum Style {
        PLAIN(""),
        GOOD("32"),
        BAD("31"),
        WARNING("33"),
        STRONG("1"),
        FAINT("2");

        private final String code;

        Style(String code) {
            this.code = code;
        }
    }

    private final PrintStream out;
    private final PrintStream err;
    private final boolean outHasColour;
    private final boolean errHasColour;
    private boolean hasPrintedJson;

    Console(PrintStream out, PrintStream err, boolean outHasColour, boolean errHasColour) {
        this.out = out;
        this.err = err;
        this.outHasColour = outHasColour;
        this.errHasColour = errHasColour;
    }

    /** The process's own. The launcher says which streams are terminals, because Java cannot tell them apart. */
    static Console ofProcess(Map<String, String> environment) {
        String terminals = System.getProperty("mcpmtls.terminals", "");
        boolean mayColour =
                environment.getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(environment.get("TERM"));
        return new Console(
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                mayColour && terminals.contains("out"),
                mayColour && terminals.contains("err"));
    }

    void print(String line) {
        out.println(line);
        out.flush();
    }

    void complain(String line) {
        err.println(line);
        err.flush();
    }

    /** Prints one JSON object. */
    void json(Object value) {
        hasPrintedJson = true;
        print(JsonMapper.shared().writeValueAsString(value));
    }

    boolean hasPrintedJson() {
        return hasPrintedJson;
    }

    void trace(Throwable thrown) {
        thrown.printStackTrace(err);
    }

    /** A server's text for the terminal: its lines stay, other control characters do not get through. */
    static String lines(String text) {
        return text.replaceAll("[\\p{Cntrl}\u0080-\u009f\u202a-\u202e\u2066-\u2069&&[^\n\t]]", "?");
    }

    /** As {@link #lines}, on one line. */
    static String line(String text) {
        return lines(text).replace('\n', '?');
    }

    /** The text as standard output shows it. */
    String styled(Style style, String text) {
        return outHasColour && style != Style.PLAIN ? wrap(style, text) : text;
    }

    /** The text as standard error shows it. */
    String styledForErrors(Style style, String text) {
        return errHasColour && style != Style.PLAIN ? wrap(style, text) : text;
    }

    private static String wrap(Style style, String text) {
        return "\u001b[" + style.code + "m" + text + "\u001b[0m";
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }
}
