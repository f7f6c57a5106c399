// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import dev.mcpmtls.cli.console.TerminalText.Span;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.identity.Printable;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where everything that is printed passes, to standard output and standard error. Text from peers, files and arguments may be in
 * any of it: {@link TerminalText} makes it harmless here, so that callers need not. A line that is printed stays one line, but for
 * being broken between words where it is wider than the terminal. Colour only where a person looks at a terminal and has not set
 * {@code NO_COLOR}.
 */
public final class Console {

    /** The meaning of a colour; the terminal decides how it looks. */
    public enum Style {
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

    /** Part of a line, and how it is shown. */
    record Styled(Style style, String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    /** Wider than any line. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int STANDARD_WIDTH = 80;
    private static final int LEAST_WIDTH = 20;
    private static final int LEAST_HELP_WIDTH = 55; // picocli wants as many
    private static final int INDENT = 2;

    /** The most characters that are printed of an error, because a peer may have written it. */
    private static final int MAX_COMPLAINT = 4096;

    private final InputStream in;
    private Stream out;
    private final Stream err;
    private boolean hasPrintedJson;

    /** Prints lines of any width. */
    public Console(OutputStream out, OutputStream err, boolean outHasColour, boolean errHasColour) {
        this(
                InputStream.nullInputStream(),
                new Stream(out, outHasColour, () -> UNLIMITED),
                new Stream(err, errHasColour, () -> UNLIMITED));
    }

    /** Without colours, for a command that speaks a protocol on its standard streams. */
    public Console(InputStream in, OutputStream out, OutputStream err) {
        this(in, new Stream(out, false, () -> UNLIMITED), new Stream(err, false, () -> UNLIMITED));
    }

    private Console(InputStream in, Stream out, Stream err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** The process's own. The launcher says which streams are terminals, because Java cannot tell them apart. */
    public static Console ofProcess(Map<String, String> environment) {
        String terminals = System.getProperty("mcpmtls.terminals", "");
        return new Console(
                System.in,
                stream(FileDescriptor.out, terminals.contains("out"), environment),
                stream(FileDescriptor.err, terminals.contains("err"), environment));
    }

    /** Without colours, for a terminal so many columns wide. */
    public static Console ofWidth(OutputStream out, OutputStream err, int columns) {
        return new Console(
                InputStream.nullInputStream(),
                new Stream(out, false, () -> columns),
                new Stream(err, false, () -> columns));
    }

    private static Stream stream(FileDescriptor descriptor, boolean isTerminal, Map<String, String> environment) {
        boolean mayColour =
                environment.getOrDefault("NO_COLOR", "").isEmpty() && !"dumb".equals(environment.get("TERM"));
        String columns = environment.getOrDefault("COLUMNS", "");
        IntSupplier width = () -> columns.matches("\\d{1,5}")
                ? Math.max(LEAST_WIDTH, Integer.parseInt(columns))
                : isTerminal ? terminalWidth() : UNLIMITED;
        return new Stream(new FileOutputStream(descriptor), mayColour && isTerminal, width);
    }

    /** The width that the terminal's driver reports. */
    private static int terminalWidth() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/tty")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean hasEnded = stty.waitFor(1, TimeUnit.SECONDS);
            String size =
                    hasEnded ? new String(stty.getInputStream().readNBytes(32), StandardCharsets.US_ASCII).strip() : "";
            stty.destroy();
            int columns = size.matches("\\d{1,5} \\d{1,5}") ? Integer.parseInt(size.split(" ", 2)[1]) : 0;
            return columns == 0 ? STANDARD_WIDTH : Math.max(LEAST_WIDTH, columns);
        } catch (IOException e) {
            return STANDARD_WIDTH;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return STANDARD_WIDTH;
        }
    }

    /** Routes all later output of libraries through this console. */
    public void takeOver() {
        System.setOut(new PrintStream(new Lines(out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new Lines(err), true, StandardCharsets.UTF_8));
    }

    /** Standard input. */
    public InputStream input() {
        return in;
    }

    /** Standard output for a protocol. Everything that is printed later goes to standard error. */
    public OutputStream handOver() {
        OutputStream protocol = out.raw;
        out = err;
        System.setOut(System.err);
        return protocol;
    }

    /** Prints a line of texts and {@link Styled} parts. */
    public void print(Object... parts) {
        out.wrapped(parts);
    }

    /** As {@link #print}, never broken: for what other programs read. */
    public void printWhole(Object... parts) {
        out.whole(parts);
    }

    /** Prints a text that may have lines of its own, and nothing else beside it. */
    public void printLines(String text) {
        out.raw(Printable.lines(text) + "\n");
    }

    /** Prints a piece of a text: it may be in the middle of a line, and no half of a character. */
    public void printPiece(String text) {
        out.raw(Printable.lines(text));
    }

    /** Prints a line to standard error. */
    public void complain(Object... parts) {
        err.wrapped(parts);
    }

    /** Prints one JSON object. */
    public void json(Object value) {
        hasPrintedJson = true;
        printWhole(JsonMapper.shared().writeValueAsString(value));
    }

    /** Why standard output did not take all that was printed; empty where its reader simply left, as {@code head} does. */
    public Optional<String> lost() {
        return Optional.ofNullable(out.failure).filter(why -> !why.contains("Broken pipe"));
    }

    public boolean hasPrintedJson() {
        return hasPrintedJson;
    }

    /** Prints the explanation of a command, which is our own text alone. */
    public void help(CommandLine command) {
        int width = out.width() == UNLIMITED ? STANDARD_WIDTH : out.width();
        command.setUsageHelpWidth(Math.max(LEAST_HELP_WIDTH, Math.min(width, 2 * STANDARD_WIDTH)));
        CommandLine.Help.Ansi ansi = out.hasColour ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
        out.raw(command.getUsageMessage(ansi).stripTrailing() + "\n");
    }

    /** Prints where an exception came from. */
    public void trace(Throwable thrown) {
        String before = "";
        for (Throwable cause = thrown; cause != null && before.length() < 200; cause = cause.getCause()) {
            err.whole(new Object[] {before + cause});
            for (StackTraceElement frame : cause.getStackTrace()) {
                err.whole(new Object[] {"        at " + frame});
            }
            before = "Caused by: ";
        }
    }

    /** Asks for a secret on the terminal; null when there is none. The caller wipes it. */
    @SuppressWarnings("SystemConsoleNull") // null up to 21; from 22 on it reads from wherever standard input comes
    public static char @Nullable [] ask(String prompt) {
        java.io.Console terminal = System.console();
        return terminal == null ? null : terminal.readPassword("%s", prompt);
    }

    /** Whether standard input is a terminal, as the launcher says. */
    public static boolean isTyped() {
        return System.getProperty("mcpmtls.terminals", "").contains("in");
    }

    /** Asks a question on the terminal: whether the answer is yes, or nothing where there is no terminal. */
    @SuppressWarnings("SystemConsoleNull") // the launcher says whether standard input is a terminal
    public static Optional<Boolean> confirm(String question) {
        java.io.Console terminal = isTyped() ? System.console() : null;
        return Optional.ofNullable(terminal)
                .map(it -> String.valueOf(it.readLine("%s", Printable.line(question)))
                        .strip()
                        .matches("(?i)y|yes"));
    }

    /** How wide standard output is; {@link #UNLIMITED} where it is no terminal. */
    int width() {
        return out.width();
    }

    /** A part of a line. */
    public Styled styled(Style style, String text) {
        return new Styled(style, text);
    }

    /** One of the two streams. */
    private static final class Stream {

        private final OutputStream raw;
        private final PrintStream to;
        private final boolean hasColour;
        private final IntSupplier measured;
        private int width;
        private volatile @Nullable String failure;

        Stream(OutputStream to, boolean hasColour, IntSupplier measured) {
            this.raw = to;
            this.to = new PrintStream(new Noting(to), false, StandardCharsets.UTF_8);
            this.hasColour = hasColour;
            this.measured = measured;
        }

        /** A print stream only keeps that something has failed. */
        private final class Noting extends FilterOutputStream {

            Noting(OutputStream to) {
                super(to);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    failure = failure == null ? Failures.reason(e) : failure;
                    throw e;
                }
            }
        }

        /** Measured when it is first needed. */
        synchronized int width() {
            width = width == 0 ? measured.getAsInt() : width;
            return width;
        }

        synchronized void raw(String text) {
            to.print(text);
            to.flush();
        }

        void whole(Object... parts) {
            List<Styled> line = clean(parts);
            raw(shown(line, new Span(0, text(line).length())) + "\n");
        }

        void wrapped(Object... parts) {
            List<Styled> line = clean(parts);
            String text = text(line);
            String indent = " ".repeat(text.length() - text.stripLeading().length() + INDENT);
            StringBuilder all = new StringBuilder();
            int columns = text.length() < LEAST_WIDTH ? UNLIMITED : width();
            for (Span span : TerminalText.wrap(text, columns, columns - indent.length())) {
                all.append(all.isEmpty() ? "" : indent)
                        .append(shown(line, span))
                        .append('\n');
            }
            raw(all.toString());
        }

        private static List<Styled> clean(Object... parts) {
            List<Styled> line = new ArrayList<>();
            for (Object part : parts) {
                Style style = part instanceof Styled styled ? styled.style : Style.PLAIN;
                line.add(new Styled(style, Printable.line(part.toString())));
            }
            return line;
        }

        private static String text(List<Styled> line) {
            StringBuilder text = new StringBuilder();
            line.forEach(part -> text.append(part.text));
            return text.toString();
        }

        private String shown(List<Styled> line, Span span) {
            StringBuilder shown = new StringBuilder();
            int offset = 0;
            for (Styled part : line) {
                int from = Math.max(span.start() - offset, 0);
                int to = Math.min(span.end() - offset, part.text.length());
                if (from < to) {
                    shown.append(coloured(part.style, part.text.substring(from, to)));
                }
                offset += part.text.length();
            }
            return shown.toString();
        }

        private String coloured(Style style, String text) {
            return hasColour && style != Style.PLAIN ? "\u001b[" + style.code + "m" + text + "\u001b[0m" : text;
        }
    }

    /** Bytes of others' printing, handed on line by line. */
    private static final class Lines extends OutputStream {

        private static final int MAX_LINE = 64 * 1024;

        private final Stream stream;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(Stream stream) {
            this.stream = stream;
        }

        @Override
        public synchronized void write(int b) {
            line.write(b);
            if (b == '\n' || line.size() >= MAX_LINE) {
                handOn();
            }
        }

        @Override
        public void flush() {
            // A line is handed on when it ends.
        }

        @Override
        public synchronized void close() {
            handOn();
        }

        private void handOn() {
            stream.raw(Printable.lines(line.toString(StandardCharsets.UTF_8)));
            line.reset();
        }
    }

    /** Cuts an error short that a peer may have written at any length. */
    public static String bounded(String complaint) {
        return complaint.length() <= MAX_COMPLAINT ? complaint : complaint.substring(0, MAX_COMPLAINT) + "...";
    }
}
