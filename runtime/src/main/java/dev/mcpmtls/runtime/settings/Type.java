// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a setting's text is read.
 *
 * @param form the placeholder that users see, for example {@code DURATION}
 * @param isList whether it takes several values: a YAML sequence, or text with commas in a flag or variable
 * @param parse from the elements, one unless it is a list; throws {@link IllegalArgumentException} that says what is wrong
 */
public record Type<T>(String form, boolean isList, Function<List<String>, T> parse) {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB)?");

    /** A hundred years: nanoseconds of it fit into a {@code long}. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** One value. */
    static <T> Type<T> of(String form, Function<String, T> parse) {
        return new Type<>(form, false, elements -> parse.apply(elements.get(0)));
    }

    /** Any number of values. */
    static <T> Type<List<T>> listOf(Type<T> element) {
        return new Type<>(
                element.form + ",...",
                true,
                elements -> elements.stream()
                        .map(text -> element.parse.apply(List.of(text)))
                        .toList());
    }

    /** Any text that is not blank. */
    static Type<String> text(String form) {
        return of(form, text -> {
            if (text.isBlank()) {
                throw new IllegalArgumentException("is empty");
            }
            return text;
        });
    }

    /** One of a few words. */
    static <T> Type<T> oneOf(List<T> choices, Function<T, String> word) {
        List<String> known = choices.stream().map(word).toList();
        return of(
                String.join("|", known),
                text -> choices.stream()
                        .filter(choice -> word.apply(choice).equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(Printable.quote(text) + " is none of "
                                + String.join(", ", known)
                                + Nearest.to(text.toLowerCase(Locale.ROOT), known)
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse(""))));
    }

    /** One of an enum's constants, in lower case with hyphens. */
    static <E extends Enum<E>> Type<E> words(E[] choices) {
        return Type.oneOf(
                Arrays.asList(choices),
                choice -> choice.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /** {@code true} or {@code false}. */
    static Type<Boolean> bool() {
        return oneOf(Arrays.asList(true, false), String::valueOf);
    }

    /** A file. */
    static Type<Path> path() {
        return of("PATH", text -> {
            if (text.isBlank()) {
                throw new IllegalArgumentException("is empty; '.' is the working directory");
            }
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException(Printable.quote(text) + " is not a path", e);
            }
        });
    }

    /** A whole number within bounds. */
    static Type<Integer> number(int least, int most) {
        return of("NUMBER", text -> {
            if (!text.matches("\\d{1,10}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
                throw new IllegalArgumentException(
                        Printable.quote(text) + " is not a whole number from " + least + " to " + most);
            }
            return Integer.valueOf(text);
        });
    }

    /** A positive length of time with its unit: ms, s, m, h or d. */
    static Type<Duration> duration() {
        return of("DURATION", Type::parseDuration);
    }

    /** A positive number of bytes, with the unit B, KiB, MiB or GiB; at most one terabyte. */
    static Type<Long> size() {
        return of("SIZE", text -> size(text, 1L << 40));
    }

    /** As {@link #size()}; at most 1 GiB. */
    static Type<Integer> smallSize() {
        return of("SIZE", text -> Math.toIntExact(size(text, 1L << 30)));
    }

    private static long size(String text, long most) {
        Matcher form = SIZE.matcher(text);
        if (!form.matches() || new BigInteger(form.group(1)).signum() == 0) {
            throw new IllegalArgumentException(Printable.quote(text) + " is not a size such as 64KiB or 4MiB");
        }
        String unit = form.group(2) == null ? "B" : form.group(2);
        BigInteger bytes = new BigInteger(form.group(1))
                .shiftLeft(10 * List.of("B", "KiB", "MiB", "GiB").indexOf(unit));
        if (bytes.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new IllegalArgumentException(Printable.quote(text) + " is more than " + (most >> 30) + "GiB");
        }
        return bytes.longValue();
    }

    /** Parses a length of time, for example {@code 24h}. */
    public static Duration parseDuration(String text) {
        Matcher form = DURATION.matcher(text);
        if (!form.matches() || Long.parseLong(form.group(1)) == 0) {
            throw new IllegalArgumentException(Printable.quote(text) + " is not a duration such as 10s, 24h or 3650d");
        }
        long number = Long.parseLong(form.group(1));
        Duration duration = switch (form.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        if (duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(Printable.quote(text) + " is more than " + LONGEST.toDays() + "d");
        }
        return duration;
    }
}
