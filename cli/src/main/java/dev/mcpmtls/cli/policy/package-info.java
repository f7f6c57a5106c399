// SPDX-License-Identifier: Apache-2.0
/**
 * Which access rule decides a call, and do the rules mean what they say? The command {@code policy}.
 *
 * <p>Start at {@link dev.mcpmtls.cli.policy.PolicyCommand}.
 */
@NullMarked
package dev.mcpmtls.cli.policy;

import org.jspecify.annotations.NullMarked;
