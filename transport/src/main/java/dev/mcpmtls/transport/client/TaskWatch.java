// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import java.util.function.Consumer;

/**
 * How a client handles a call that becomes a task.
 *
 * @param isBackground whether its caller does not wait for it
 * @param told hears of each of its states
 */
record TaskWatch(boolean isBackground, Consumer<RemoteTask> told) {}
