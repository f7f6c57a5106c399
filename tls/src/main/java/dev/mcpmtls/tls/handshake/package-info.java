// SPDX-License-Identifier: Apache-2.0
/**
 * How does one handshake verify the peer, present the credential and record its outcome, whichever engine makes it?
 *
 * <p>Start at {@link dev.mcpmtls.tls.handshake.HandshakeFailure}, which says why a handshake did not complete and is the only type
 * for users. Everything else is internal: it is public only because {@code dev.mcpmtls.transport.netty} uses it too, and may change
 * in any release.
 */
@NullMarked
package dev.mcpmtls.tls.handshake;

import org.jspecify.annotations.NullMarked;
