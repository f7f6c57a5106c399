// SPDX-License-Identifier: Apache-2.0
/**
 * How does a {@code TlsProfile} become TLS under Vert.x, with BoringSSL or the JDK's engine? The only room that touches Netty's {@code
 * SslContext} and Vert.x's TLS options.
 *
 * <p>Internal.
 *
 * <p>Start at {@link dev.mcpmtls.transport.netty.VertxTls}, which secures a Vert.x server or client builder. Every completed
 * handshake, resumed or not, ends in a {@link dev.mcpmtls.transport.netty.TlsConnection} that holds the accepted peer; a connection
 * without one must not be served.
 */
@NullMarked
package dev.mcpmtls.transport.netty;

import org.jspecify.annotations.NullMarked;
