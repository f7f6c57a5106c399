// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import java.util.regex.Pattern;

/**
 * One MCP request, as far as authorisation may look at it; never its arguments.
 *
 * @param server the MCP server's name, for example {@code weather-mcp}
 * @param method the JSON-RPC method, for example {@code tools/call}
 * @param target the tool's or prompt's name or the resource's URI, also of a completion; empty for methods without one
 */
public record Call(String server, String method, String target) {

    private static final Pattern SECRETS = Pattern.compile("(?<=://)[^/?#]*@|[?#].*", Pattern.DOTALL);

    /** As it may be written down: of a resource's URI, what may carry a token is left out (user information, query, fragment). */
    public Call forRecord() {
        boolean named = target.isEmpty() || method.equals("tools/call") || method.equals("prompts/get");
        return named ? this : new Call(server, method, SECRETS.matcher(target).replaceAll(""));
    }
}
