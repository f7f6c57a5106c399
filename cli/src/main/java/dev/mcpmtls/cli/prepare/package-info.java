// SPDX-License-Identifier: Apache-2.0
/**
 * What makes the process start quickly and stay small? The command {@code prepare}, the heap of a server, and its end.
 *
 * <p>Start at {@link dev.mcpmtls.cli.prepare.PrepareCommand}.
 */
@NullMarked
package dev.mcpmtls.cli.prepare;

import org.jspecify.annotations.NullMarked;
