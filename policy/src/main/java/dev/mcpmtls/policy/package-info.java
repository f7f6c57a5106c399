// SPDX-License-Identifier: Apache-2.0
/**
 * Access rules: who may call which tool with which arguments? Start at {@link dev.mcpmtls.policy.Policy}, the rules of a {@code
 * policy.yaml}, or at {@link dev.mcpmtls.policy.FileAccessPolicy}, which decides by such a file and reloads it.
 *
 * <p>Internal, except the types that are listed as stable.
 */
@NullMarked
package dev.mcpmtls.policy;

import org.jspecify.annotations.NullMarked;
