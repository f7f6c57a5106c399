// SPDX-License-Identifier: Apache-2.0
/**
 * Does this expression hold for this call? Conditions in CEL, the Common Expression Language. Start at {@link
 * dev.mcpmtls.policy.condition.Condition}. The classes of CEL are loaded with the first condition and not before.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.policy.condition;

import org.jspecify.annotations.NullMarked;
