// SPDX-License-Identifier: Apache-2.0
/**
 * How does any MCP server get mutual TLS, rules and an audit log in front of it? Upstreams that are processes or URLs, as backends.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.Gateway}.
 */
@NullMarked
package dev.mcpmtls.gateway;

import org.jspecify.annotations.NullMarked;
