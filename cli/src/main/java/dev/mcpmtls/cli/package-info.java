// SPDX-License-Identifier: Apache-2.0
/**
 * What does the person at the terminal want? One class a command, each thin: gather settings, call the rooms, print. The commands with
 * more to say have packages of their own.
 *
 * <p>Start at {@link dev.mcpmtls.cli.Cli}; {@link dev.mcpmtls.cli.invocation.ExitCode} says what a command's end means.
 */
@NullMarked
package dev.mcpmtls.cli;

import org.jspecify.annotations.NullMarked;
