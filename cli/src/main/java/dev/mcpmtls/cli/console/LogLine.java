// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.LayoutBase;
import dev.mcpmtls.identity.Printable;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * A log event as the terminal shows it: a line, and under it one for each exception and where that began. Any
 * message may hold text from peers: it neither controls the terminal nor adds lines.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
    private static final int MAX_CAUSES = 8;

    @Override
    public String doLayout(ILoggingEvent event) {
        String logger = event.getLoggerName();
        StringBuilder text = new StringBuilder()
                .append(TIME.format(Instant.ofEpochMilli(event.getTimeStamp()).atZone(ZoneId.systemDefault())))
                .append(" %-5s ".formatted(event.getLevel()))
                .append(logger.substring(logger.lastIndexOf('.') + 1))
                .append(": ")
                .append(Printable.line(event.getFormattedMessage()))
                .append('\n');
        IThrowableProxy thrown = event.getThrowableProxy();
        for (int i = 0; thrown != null && i < MAX_CAUSES; i++) {
            append(text, i == 0 ? "" : "Caused by: ", thrown);
            thrown = thrown.getCause();
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String before, IThrowableProxy thrown) {
        text.append(before)
                .append(thrown.getClassName())
                .append(": ")
                .append(Printable.line(String.valueOf(thrown.getMessage())))
                .append('\n');
        StackTraceElementProxy[] stack = thrown.getStackTraceElementProxyArray();
        if (stack != null && stack.length > 0) {
            text.append('\t').append(stack[0].getSTEAsString()).append('\n');
        }
    }
}
