// SPDX-License-Identifier: Apache-2.0
/**
 * How do a credential and a trust policy become mutual TLS for Java's own clients? This module needs the JDK and slf4j alone, and is
 * the only one that touches {@code SSLContext}.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.tls.TlsProfile}:
 *
 * <pre>{@code
 * TlsProfile profile = TlsProfile.strict(Path.of("credentials/app"));
 * HttpClient client = profile.secure(HttpClient.newBuilder()).build();
 * }</pre>
 *
 * <p>The sub-package {@code reload} is for programs that assemble a profile themselves; {@code handshake} is shared with {@code
 * dev.mcpmtls.transport.netty}.
 */
@NullMarked
package dev.mcpmtls.tls;

import org.jspecify.annotations.NullMarked;
