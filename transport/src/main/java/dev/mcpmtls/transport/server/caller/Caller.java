// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.trust.Peer;
import io.modelcontextprotocol.common.McpTransportContext;
import org.jspecify.annotations.Nullable;

/**
 * The peer that makes a request, as the TLS handshake proved it. Nothing in an HTTP header or a JSON message can set or change this.
 *
 * <p>It is the SDK's transport context of the request. A framework that hands this context to handlers can therefore hand them their
 * caller: a method of Spring AI's {@code @McpTool}, for example, may have a parameter of this type.
 *
 * @param peer the accepted peer: its identity, its assurance and its chain
 * @param connection the connection the request came over
 */
public record Caller(Peer peer, ConnectionFacts connection) implements McpTransportContext {

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
