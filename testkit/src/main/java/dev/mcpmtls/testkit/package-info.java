// SPDX-License-Identifier: Apache-2.0
/**
 * Certificates made to be refused, and good ones to compare them with: a throwaway CA that can make any mistake.
 *
 * <p>Start at {@link dev.mcpmtls.testkit.ThrowawayCa}. Beside them are a clock that tests move and a place to wait for events. Nothing here uses the product's own code, so that the product never
 * vouches for itself.
 */
@NullMarked
package dev.mcpmtls.testkit;

import org.jspecify.annotations.NullMarked;
