// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

/**
 * One MCP request, as far as authorisation may look at it; never its arguments.
 *
 * @param server the MCP server's name, for example {@code weather-mcp}
 * @param method the JSON-RPC method, for example {@code tools/call}
 * @param target the tool's or prompt's name or the resource's URI; empty for methods without one
 */
public record Call(String server, String method, String target) {}
