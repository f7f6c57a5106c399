// SPDX-License-Identifier: Apache-2.0
/**
 * How do our credential and our trust become a TLS connection? The only room that touches {@code SSLContext} and Netty's {@code
 * SslContext}.
 *
 * <p>Start at {@link dev.mcpmtls.transport.tls.TlsProfile}: it secures a Vert.x server or client builder, and gives {@code
 * java.net.http} an {@code SSLContext}. Every completed handshake, resumed or not, ends in a {@link
 * dev.mcpmtls.transport.tls.TlsConnection} that holds the accepted peer; a connection without one must not be served.
 */
@NullMarked
package dev.mcpmtls.tls;

import org.jspecify.annotations.NullMarked;
