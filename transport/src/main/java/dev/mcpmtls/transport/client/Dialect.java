// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import reactor.core.publisher.Mono;

/** One era of MCP over streamable HTTP, as the SDK's client, which speaks the legacy era only, needs it. */
interface Dialect {

    /** The most pages of one list that are read. */
    int MAX_PAGES = 100;

    /** The era. */
    Era era();

    /** The version in use, for example {@code 2025-11-25}; empty until the server has chosen. */
    String protocolVersion();

    /** Completes when the message was accepted and, for a request, its answer delivered to the inbox. */
    Mono<Void> send(JSONRPCMessage message);

    /** Ends streams and session; never fails. */
    Mono<Void> close();
}
