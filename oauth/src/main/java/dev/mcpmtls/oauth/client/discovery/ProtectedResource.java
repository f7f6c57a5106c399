// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.discovery;

import java.util.List;
import java.util.Set;

/**
 * The MCP server as a protected resource (RFC 9728 section 2).
 *
 * @param resource its identifier, which tokens are requested for
 * @param issuers of tokens for it; at least one
 * @param scopes that its clients usually need; may be empty
 * @param bound whether its tokens are bound to the client's certificate (RFC 8705)
 * @param proof whether its tokens are bound to a key (RFC 9449)
 * @param described false when there is no such metadata, as before revision 2025-06-18
 */
public record ProtectedResource(
        String resource, List<String> issuers, Set<String> scopes, boolean bound, boolean proof, boolean described) {

    /** Copies the collections. */
    public ProtectedResource {
        issuers = List.copyOf(issuers);
        scopes = Set.copyOf(scopes);
    }
}
