// SPDX-License-Identifier: Apache-2.0
/**
 * How does a plain function become an MCP tool? Start at {@link dev.mcpmtls.servers.ReadOnlyTool}; the three servers built
 * with it are in the packages below.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.servers;

import org.jspecify.annotations.NullMarked;
