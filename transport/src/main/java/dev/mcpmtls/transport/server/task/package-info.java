// SPDX-License-Identifier: Apache-2.0
/**
 * Which long work is in progress, and whose is it? The tasks of a server's callers, in memory.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.transport.server.task.TaskStore}.
 */
@NullMarked
package dev.mcpmtls.transport.server.task;

import org.jspecify.annotations.NullMarked;
