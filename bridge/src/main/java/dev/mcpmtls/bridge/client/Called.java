// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.protocol.TaskState;
import java.util.Map;

/** The outcome of a call. */
public sealed interface Called {

    /**
     * It has a result, perhaps one that reports an error of the tool.
     *
     * @param result the members of a {@code CallToolResult}, as the server sent them
     */
    record Answered(Map<String, Object> result) implements Called {}

    /** The server works on it as a task, with or without this client. */
    record Begun(TaskState task) implements Called {}
}
