// SPDX-License-Identifier: Apache-2.0
/**
 * What happened, in sentences? The audit log's records for readers, as history and live.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.console.events.EventView} and {@link dev.mcpmtls.console.events.LiveEvents}.
 */
@NullMarked
package dev.mcpmtls.console.events;

import org.jspecify.annotations.NullMarked;
