// SPDX-License-Identifier: Apache-2.0
/**
 * How does the SDK's client reach a server over mutual TLS? Two doors: {@link dev.mcpmtls.tls.MtlsHttpClient} gives
 * {@code java.net.http}, and so the SDK's own transport, a credential and a verifier; {@link
 * dev.mcpmtls.transport.client.MtlsClientTransport} is a transport of ours that speaks both eras of MCP.
 *
 * <p>What goes wrong is said by {@link dev.mcpmtls.transport.client.ConnectionException}.
 */
@NullMarked
package dev.mcpmtls.transport.client;

import org.jspecify.annotations.NullMarked;
