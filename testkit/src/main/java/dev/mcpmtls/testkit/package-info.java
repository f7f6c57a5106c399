// SPDX-License-Identifier: Apache-2.0
/**
 * Which certificates must be refused? A throwaway CA that can make any mistake, and valid certificates for comparison.
 *
 * <p>Start at {@link dev.mcpmtls.testkit.ThrowawayCa}. Beside them are a clock that tests move and a place to wait for events. Nothing here uses the product's own code, so that the product never
 * vouches for itself.
 */
@NullMarked
package dev.mcpmtls.testkit;

import org.jspecify.annotations.NullMarked;
