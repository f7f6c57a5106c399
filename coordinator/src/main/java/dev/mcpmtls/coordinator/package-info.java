// SPDX-License-Identifier: Apache-2.0
/**
 * How does a question become calls, and their results an answer? Start at {@link dev.mcpmtls.coordinator.Coordinator}; a
 * planner chooses the calls, and the one in {@link dev.mcpmtls.coordinator.rules} needs no network.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.coordinator;

import org.jspecify.annotations.NullMarked;
