// SPDX-License-Identifier: Apache-2.0
/**
 * How does one handshake verify the peer, present the credential and record its outcome, whichever engine makes it?
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.tls.handshake.HandshakeFailure}, which says why a handshake did not complete. The others are public only
 * because {@code dev.mcpmtls.transport.netty} uses them too.
 */
@NullMarked
package dev.mcpmtls.tls.handshake;

import org.jspecify.annotations.NullMarked;
