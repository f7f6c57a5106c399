// SPDX-License-Identifier: Apache-2.0
/**
 * A planner that has a language model decide: rounds of calls, bounded in number and tokens; texts of tools are data, not orders.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.coordinator.model;

import org.jspecify.annotations.NullMarked;
