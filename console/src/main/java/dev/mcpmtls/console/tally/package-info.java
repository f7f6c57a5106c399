// SPDX-License-Identifier: Apache-2.0
/**
 * How often did what happen lately? Counts and durations of bounded size, cheap enough to be kept without a viewer.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.console.tally.Tally}.
 */
@NullMarked
package dev.mcpmtls.console.tally;

import org.jspecify.annotations.NullMarked;
