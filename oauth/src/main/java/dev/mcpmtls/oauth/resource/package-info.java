// SPDX-License-Identifier: Apache-2.0
/**
 * May this token be used here, over this connection? The server's side of OAuth 2.0: a {@link
 * dev.mcpmtls.oauth.resource.ProtectedResource} says what it is and whom it trusts, and {@link
 * dev.mcpmtls.oauth.resource.TokenVerification} verifies tokens for it.
 */
@NullMarked
package dev.mcpmtls.oauth.resource;

import org.jspecify.annotations.NullMarked;
