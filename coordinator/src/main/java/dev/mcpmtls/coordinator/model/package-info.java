// SPDX-License-Identifier: Apache-2.0
/**
 * How does a language model plan? In rounds of calls, bounded in number and tokens; texts of tools are data, not orders.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.coordinator.model.ModelPlanner}.
 */
@NullMarked
package dev.mcpmtls.coordinator.model;

import org.jspecify.annotations.NullMarked;
