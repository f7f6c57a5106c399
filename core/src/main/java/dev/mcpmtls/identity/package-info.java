// SPDX-License-Identifier: Apache-2.0
/**
 * Who is this? The names a peer can own and the material that proves them.
 *
 * <p>Start at {@link dev.mcpmtls.identity.Credential} (our own key and chain) or {@link
 * dev.mcpmtls.identity.Chain} (what the other side presented). Nothing here decides whether to believe a
 * certificate; that is the question of the {@code trust} room.
 */
@NullMarked
package dev.mcpmtls.identity;

import org.jspecify.annotations.NullMarked;
