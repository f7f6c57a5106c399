// SPDX-License-Identifier: Apache-2.0
/**
 * Does the house keep its rules? Conditions for ArchUnit that more than one module's tests use.
 *
 * <p>Start at {@link dev.mcpmtls.testkit.house.StableTypes}.
 */
@NullMarked
package dev.mcpmtls.testkit.house;

import org.jspecify.annotations.NullMarked;
