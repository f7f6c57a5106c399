// SPDX-License-Identifier: Apache-2.0
/**
 * What do servers answer? The commands that connect to them.
 *
 * <p>Start at {@link dev.mcpmtls.cli.client.McpConnection}.
 */
@NullMarked
package dev.mcpmtls.cli.client;

import org.jspecify.annotations.NullMarked;
