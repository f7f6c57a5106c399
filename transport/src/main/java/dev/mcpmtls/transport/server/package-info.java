// SPDX-License-Identifier: Apache-2.0
/**
 * How does an MCP server listen, and who may say what to it? One HTTPS address for both eras of MCP, under the official SDK's
 * server.
 *
 * <p>Start at {@link dev.mcpmtls.transport.server.MtlsServerTransport}; tool handlers find their caller in {@link
 * dev.mcpmtls.transport.server.caller.Caller}. A request passes {@code http} (connections, HTTP, JSON), {@code
 * EraSelection} (the era of the request), {@code legacy} or {@code modern}, {@code call} (authorised, recorded and run) and {@code
 * backend} (the answer). The answer returns through the era and {@code http}.
 */
@NullMarked
package dev.mcpmtls.transport.server;

import org.jspecify.annotations.NullMarked;
