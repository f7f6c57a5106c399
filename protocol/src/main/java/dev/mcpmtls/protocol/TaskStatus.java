// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** How far a task is (Tasks extension of 2026-07-28, "Task Status"). */
public enum TaskStatus {
    WORKING,
    /** It waits for its client's answers to questions. */
    INPUT_REQUIRED,
    /** It has a result, perhaps one that reports an error of the tool. */
    COMPLETED,
    /** It ended with a JSON-RPC error. */
    FAILED,
    CANCELLED;

    /** The name of the extension, among the capabilities of both sides. */
    public static final String EXTENSION = "io.modelcontextprotocol/tasks";

    /** The {@code resultType} of an answer that is a task. */
    public static final String RESULT_TYPE = "task";

    /** The notification of a task's state, which has all of it. */
    public static final String NOTIFICATION = "notifications/tasks";

    private static final Map<String, TaskStatus> BY_TEXT =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(TaskStatus::text, status -> status));

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The status of that name; empty when there is none. */
    public static Optional<TaskStatus> of(String text) {
        return Optional.ofNullable(BY_TEXT.get(text));
    }

    /** The text on the wire. */
    public String text() {
        return text;
    }

    /** Whether it is the last. */
    public boolean isTerminal() {
        return this != WORKING && this != INPUT_REQUIRED;
    }

    /** Whether capabilities, of either side, declare the extension. */
    public static boolean isDeclaredIn(Map<String, Object> capabilities) {
        return JsonRpcMessage.object(capabilities.get("extensions")).get(EXTENSION) instanceof Map;
    }
}
