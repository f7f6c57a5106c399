// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The levels of log messages, as syslog has them (RFC 5424). */
public final class LogLevel {

    private static final List<String> LEVELS =
            List.of("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency");

    private LogLevel() {}

    /**
     * The level.
     *
     * @throws InvalidMessageException when the value is none
     */
    public static String of(@Nullable Object value) {
        if (value instanceof String level && LEVELS.contains(level)) {
            return level;
        }
        throw InvalidMessageException.params("there is no such log level");
    }

    /** How grave a level is: from 0, debug, to 7; -1 when it is none. */
    public static int order(@Nullable Object level) {
        return LEVELS.indexOf(level);
    }
}
