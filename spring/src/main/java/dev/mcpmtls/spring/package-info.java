// SPDX-License-Identifier: Apache-2.0
/**
 * Mutual TLS for MCP servers and clients of Spring AI. The settings are {@link dev.mcpmtls.spring.MtlsServerProperties mcp.mtls.server}
 * and {@link dev.mcpmtls.spring.MtlsClientProperties mcp.mtls.client}; everything else follows from them.
 *
 * <p>Internal, except the types that are listed as stable; the classes of settings are public for Spring's binding alone.
 */
@NullMarked
package dev.mcpmtls.spring;

import org.jspecify.annotations.NullMarked;
