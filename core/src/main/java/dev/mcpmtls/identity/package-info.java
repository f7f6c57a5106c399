// SPDX-License-Identifier: Apache-2.0
/**
 * Who is this? The names a peer can own and the material that proves them.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.identity.Credential} (our own key and chain) or {@link dev.mcpmtls.identity.Chain} (what the
 * other side presented). This package does not decide whether to accept a certificate; {@code trust} does.
 */
@NullMarked
package dev.mcpmtls.identity;

import org.jspecify.annotations.NullMarked;
