// SPDX-License-Identifier: Apache-2.0
/**
 * Which authorization server issues tokens for this MCP server? Metadata of both (RFC 9728, RFC 8414).
 *
 * <p>Internal. Start at {@link dev.mcpmtls.oauth.client.discovery.Discovery}.
 */
@NullMarked
package dev.mcpmtls.oauth.client.discovery;

import org.jspecify.annotations.NullMarked;
