// SPDX-License-Identifier: Apache-2.0
/**
 * How does a client's request get its access token? The door to whatever fetches tokens, without any library of OAuth.
 *
 * <p>Internal, except the types that are listed as stable. Start at {@link dev.mcpmtls.protocol.token.TokenSource}.
 */
@NullMarked
package dev.mcpmtls.protocol.token;

import org.jspecify.annotations.NullMarked;
