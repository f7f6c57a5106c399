// SPDX-License-Identifier: Apache-2.0
/**
 * How do a credential and a trust policy become mutual TLS for Java's own clients? This module needs the JDK and slf4j alone, and is
 * the only one that touches {@code SSLContext}.
 *
 * <p>Start at {@link dev.mcpmtls.tls.TlsProfile}:
 *
 * <pre>{@code
 * TlsProfile profile = TlsProfile.strict(Path.of("credentials/app"));
 * HttpClient client = profile.secure(HttpClient.newBuilder()).build();
 * }</pre>
 *
 * <p>The sub-packages {@code reload}, {@code revocation} and {@code probe} are for programs that assemble a profile themselves.
 * {@code handshake} is shared with {@code dev.mcpmtls.transport.netty}; only {@link
 * dev.mcpmtls.tls.handshake.HandshakeFailure} in it is for users.
 */
@NullMarked
package dev.mcpmtls.tls;

import org.jspecify.annotations.NullMarked;
