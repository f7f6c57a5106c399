// SPDX-License-Identifier: Apache-2.0
/**
 * How does the SDK's client reach a server over mutual TLS?
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.transport.client.MtlsClientTransport}, a transport of ours that speaks both eras of MCP; a {@link
 * dev.mcpmtls.transport.client.ConnectionException} describes its failures. To keep the SDK's own transport, see {@link
 * dev.mcpmtls.tls.MtlsHttpClient}, which gives {@code java.net.http} a credential and a verifier.
 */
@NullMarked
package dev.mcpmtls.transport.client;

import org.jspecify.annotations.NullMarked;
