// SPDX-License-Identifier: Apache-2.0
/**
 * Does this chain lead to an anchor, now? Strict, relaxed and pinned validation, revocation, and the verdict's shelf life.
 *
 * <p>Start at {@link dev.mcpmtls.trust.ChainVerifier}. Only this room can make a {@link dev.mcpmtls.trust.Peer}.
 */
@NullMarked
package dev.mcpmtls.trust;

import org.jspecify.annotations.NullMarked;
