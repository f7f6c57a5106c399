// SPDX-License-Identifier: Apache-2.0
/**
 * How does an MCP server listen, and who may say what to it? One HTTPS address for both eras of MCP, under the official SDK's
 * server.
 *
 * <p>Start at {@link dev.mcpmtls.transport.server.MtlsServerTransport}; tool handlers learn who calls from {@link
 * dev.mcpmtls.transport.server.Caller}. A request passes, in this order: {@code Listener} (connections), {@code HttpRequestHandler} (HTTP),
 * {@code JsonRpcMessage} (JSON), {@code Endpoint} (which era), {@code LegacyEra} or {@code ModernEra}, {@code Authorizer}
 * (may this peer make this call?), {@code Workers} (the SDK's handler) and back through {@code ResponseWriter}.
 */
@NullMarked
package dev.mcpmtls.transport.server;

import org.jspecify.annotations.NullMarked;
