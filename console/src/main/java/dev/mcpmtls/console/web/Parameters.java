// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import dev.mcpmtls.console.tally.Window;
import dev.mcpmtls.console.view.BadQuestionException;
import dev.mcpmtls.remedy.Nearest;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The parameters of a request: each at most once, and none that is not known. */
final class Parameters {

    private static final int LONGEST = 4 * 1024;

    private final MultiMap sent;

    /** @throws BadQuestionException when one is not among {@code known}, is there twice, or is too long */
    Parameters(MultiMap sent, Set<String> known) {
        this.sent = sent;
        for (Map.Entry<String, String> one : sent) {
            if (!known.contains(one.getKey())) {
                throw new BadQuestionException(
                        one.getKey() + ": there is no such parameter",
                        Nearest.to(one.getKey(), known, 2)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("there are "
                                        + String.join(
                                                ", ", known.stream().sorted().toList())),
                        List.of());
            }
            if (sent.getAll(one.getKey()).size() > 1 || one.getValue().length() > LONGEST) {
                throw bad(one.getKey(), "it is there twice, or longer than 4096 characters", "shorten it");
            }
        }
    }

    static BadQuestionException bad(String name, String why, String remedy) {
        return new BadQuestionException(name + ": " + why, remedy, List.of());
    }

    /** A text; empty when it is absent. */
    String text(String name) {
        String value = sent.get(name);
        return value == null ? "" : value;
    }

    /** A text that must be there. */
    String required(String name) {
        String value = text(name);
        if (value.isBlank()) {
            throw bad(name, "it is missing", "add it to the query");
        }
        return value;
    }

    /** One of these words; empty when it is absent. */
    String oneOf(String name, List<String> words) {
        String value = text(name);
        if (!value.isEmpty() && !words.contains(value)) {
            throw bad(
                    name,
                    "'" + value + "' is no such word",
                    Nearest.to(value, words, 3)
                            .map(near -> "did you mean " + near + "?")
                            .orElse("there are " + String.join(", ", words)));
        }
        return value;
    }

    Window window() {
        String value = text("window");
        return value.isEmpty()
                ? Window.FIVE_MINUTES
                : Window.parse(value).orElseThrow(() -> bad("window", "'" + value + "' is none", "write 5m, 1h or 1d"));
    }

    Instant instant(String name, Instant otherwise) {
        String value = text(name);
        try {
            return value.isEmpty() ? otherwise : Instant.parse(value);
        } catch (DateTimeParseException e) {
            throw bad(name, "'" + value + "' is no instant", "write for example 2026-11-29T04:10:00Z");
        }
    }

    Optional<Long> number(String name, long least, long most) {
        String value = text(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.matches("\\d{1,18}")) {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return Optional.of(number);
            }
        }
        throw bad(name, "'" + value + "' is no number from " + least + " to " + most, "write a whole number");
    }
}
