// SPDX-License-Identifier: Apache-2.0
/**
 * How does text reach the terminal? One gate for all that is printed, which cleans it; tables, colours and the log.
 *
 * <p>Start at {@link dev.mcpmtls.cli.console.Console}.
 */
@NullMarked
package dev.mcpmtls.cli.console;

import org.jspecify.annotations.NullMarked;
