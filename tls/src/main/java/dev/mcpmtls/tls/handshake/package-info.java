// SPDX-License-Identifier: Apache-2.0
/**
 * What happens in one handshake, whichever engine makes it: verify the peer, present the credential, record the outcome.
 *
 * <p>{@link dev.mcpmtls.tls.handshake.HandshakeFailure} is for everyone: why a handshake did not complete. Everything else is
 * internal: public only because {@code dev.mcpmtls.transport.netty} uses it too, and may change in any release.
 */
@NullMarked
package dev.mcpmtls.tls.handshake;

import org.jspecify.annotations.NullMarked;
