// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Type;
import java.time.Duration;
import java.util.function.Function;

/** The value of an option that is no setting. */
public final class OptionValue {

    private OptionValue() {}

    /**
     * Parses it.
     *
     * @param option for example {@code --lifetime}
     * @throws BadSettingException with the option's name before the parser's message
     */
    public static <T> T parse(String option, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(option + ": " + e.getMessage());
        }
    }

    /** As {@link #parse}, of a time such as {@code 15m} or {@code 7d}. */
    public static Duration duration(String option, String text) {
        return parse(option, text, Type::parseDuration);
    }
}
