// SPDX-License-Identifier: Apache-2.0
/**
 * How was this command called, and how does it end? The options of every command, failures and exit codes.
 *
 * <p>Start at {@link dev.mcpmtls.cli.invocation.Invocation}.
 */
@NullMarked
package dev.mcpmtls.cli.invocation;

import org.jspecify.annotations.NullMarked;
