// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.trust.Peer;
import io.modelcontextprotocol.common.McpTransportContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The peer that makes a request, as the TLS handshake proved it. Nothing in an HTTP header or a JSON message can set or change that; an access
 * token, where the server takes them, comes on top.
 *
 * <p>It is the SDK's transport context of the request. A framework that hands this context to handlers can therefore hand them their
 * caller: a method of Spring AI's {@code @McpTool}, for example, may have a parameter of this type.
 *
 * @param peer the accepted peer: its identity, its assurance and its chain
 * @param connection the connection the request came over
 * @param token the claims of the access token that the request carried, verified for this peer; empty when it carried none, or the server takes
 *     none
 */
public record Caller(Peer peer, ConnectionFacts connection, Optional<AccessToken> token)
        implements McpTransportContext {

    /** A caller without an access token. */
    public Caller(Peer peer, ConnectionFacts connection) {
        this(peer, connection, Optional.empty());
    }

    /**
     * The caller of the request that a handler is working on: {@code Caller.from(exchange.transportContext())}.
     *
     * @throws IllegalStateException when the request did not come through an {@code MtlsServerTransport}
     */
    public static Caller from(McpTransportContext context) {
        if (context instanceof Caller caller) {
            return caller;
        }
        throw new IllegalStateException(
                "this request did not come through an MtlsServerTransport, so no certificate proves who makes it");
    }

    /** Nothing: what is known of a request is in the components. */
    @Override
    public @Nullable Object get(String key) {
        return null;
    }
}
