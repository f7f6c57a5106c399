// SPDX-License-Identifier: Apache-2.0
/**
 * Who talks to whom, what was refused and why, and what will expire? A read-only page for operators and the JSON API below it
 * ({@code docs/reference/console-api.md}).
 *
 * <p>Internal. Start at {@link dev.mcpmtls.console.Console}.
 */
@NullMarked
package dev.mcpmtls.console;

import org.jspecify.annotations.NullMarked;
