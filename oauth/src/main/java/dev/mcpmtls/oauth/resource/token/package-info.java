// SPDX-License-Identifier: Apache-2.0
/**
 * What does a token say, and does that fit this server and this connection? {@link dev.mcpmtls.oauth.resource.token.CompactJwt} reads it,
 * {@link dev.mcpmtls.oauth.resource.token.Claims} has its claims, {@link dev.mcpmtls.oauth.resource.token.Acceptance} decides.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.oauth.resource.token;

import org.jspecify.annotations.NullMarked;
