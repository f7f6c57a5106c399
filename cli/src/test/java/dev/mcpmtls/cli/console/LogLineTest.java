// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogLineTest {

    @Test
    void showsTheMessageAndWhatWasThrown() {
        Exception thrown = new IllegalStateException("broken", new IllegalArgumentException("bent"));

        assertThat(text("a request failed\tcaf\u00e9", thrown).lines().toList())
                .hasSize(5)
                .satisfies(lines -> assertThat(lines.get(0)).endsWith("WARN  Desk: a request failed\\tcaf\u00e9"))
                .satisfies(lines -> assertThat(lines.get(1)).isEqualTo("java.lang.IllegalStateException: broken"))
                .satisfies(lines -> assertThat(lines.get(2)).contains("LogLineTest"))
                .satisfies(lines ->
                        assertThat(lines.get(3)).isEqualTo("Caused by: java.lang.IllegalArgumentException: bent"));
    }

    @Test
    void letsNobodyControlTheTerminalOrForgeALine() {
        String evil = "a\n12:00:00.000 ERROR forged\r\u001b[2J\u009b2J\u202e";

        assertThat(text(evil, null)).hasLineCount(1).doesNotContain("\r", "\u001b", "\u009b", "\u202e");
        assertThat(text("x", new IllegalStateException(evil, new IllegalStateException(evil))))
                .hasLineCount(5)
                .doesNotContain("\r", "\u001b", "\u009b", "\u202e");
    }

    private static String text(String message, @Nullable Throwable thrown) {
        LoggerContext logback = new LoggerContext();
        LogLine line = new LogLine();
        line.start();
        return line.doLayout(new LoggingEvent(
                LogLineTest.class.getName(), logback.getLogger("dev.mcpmtls.Desk"), Level.WARN, message, thrown, null));
    }
}
