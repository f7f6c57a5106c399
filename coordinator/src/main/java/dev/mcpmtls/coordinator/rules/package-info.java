// SPDX-License-Identifier: Apache-2.0
/**
 * What does a plain English question ask for? Start at {@link dev.mcpmtls.coordinator.rules.RulePlanner}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.coordinator.rules;

import org.jspecify.annotations.NullMarked;
