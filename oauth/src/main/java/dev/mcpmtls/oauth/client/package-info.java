// SPDX-License-Identifier: Apache-2.0
/**
 * How does a client get a token for a server? Discovery, grants, and the tokens that were issued.
 *
 * <p>Internal, except the types that are listed as stable. Start at {@link dev.mcpmtls.oauth.client.OAuthClient}.
 */
@NullMarked
package dev.mcpmtls.oauth.client;

import org.jspecify.annotations.NullMarked;
