// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task as its server describes it (Tasks extension of 2026-07-28). All texts are the server's own.
 *
 * @param id its name there
 * @param message how far it is, or why it ended as it did
 * @param createdAt by the server's clock; empty when it does not say
 * @param lifetime how long the server keeps it, from its creation on; empty when it does not say
 * @param pollInterval how long to wait before the next question, between 100 milliseconds and a minute
 */
public record TaskState(
        String id,
        TaskStatus status,
        Optional<String> message,
        Optional<Instant> createdAt,
        Optional<Duration> lifetime,
        Duration pollInterval) {

    private static final long LEAST_POLL_MILLIS = 100;
    private static final long POLL_MILLIS = 1_000;
    private static final long MOST_POLL_MILLIS = 60_000;
    private static final int MAX_ID = 1_024;

    /** The task in a server's words; empty when they are not of the extension's form. */
    public static Optional<TaskState> of(Map<String, Object> members) {
        Optional<TaskStatus> status = TaskStatus.of(String.valueOf(members.get("status")));
        if (!(members.get("taskId") instanceof String id) || id.isEmpty() || id.length() > MAX_ID || status.isEmpty()) {
            return Optional.empty();
        }
        long poll = members.get("pollIntervalMs") instanceof Number millis ? millis.longValue() : POLL_MILLIS;
        return Optional.of(new TaskState(
                id,
                status.get(),
                text(members.get("statusMessage")).filter(text -> !text.isBlank()),
                text(members.get("createdAt")).flatMap(TaskState::instant),
                members.get("ttlMs") instanceof Number millis
                        ? Optional.of(Duration.ofMillis(millis.longValue()))
                        : Optional.empty(),
                Duration.ofMillis(Math.max(LEAST_POLL_MILLIS, Math.min(MOST_POLL_MILLIS, poll)))));
    }

    private static Optional<String> text(@Nullable Object value) {
        return value instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
