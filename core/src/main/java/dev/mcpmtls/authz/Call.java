// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import java.util.regex.Pattern;

/**
 * The parts of an MCP request that authorisation may see; never its arguments.
 *
 * @param server the MCP server's name, for example {@code weather-mcp}
 * @param method the JSON-RPC method, for example {@code tools/call}
 * @param target the tool's or prompt's name or the resource's URI, also of a completion; empty for methods without one
 */
public record Call(String server, String method, String target) {

    private static final Pattern SECRETS = Pattern.compile("(?<=://)[^/?#]*@|[?#].*", Pattern.DOTALL);

    /**
     * This call as it may be logged: a resource's URI loses the parts that may carry a token (user information, query,
     * fragment).
     */
    public Call forRecord() {
        boolean named = target.isEmpty() || method.equals("tools/call") || method.equals("prompts/get");
        return named ? this : new Call(server, method, SECRETS.matcher(target).replaceAll(""));
    }
}
