// SPDX-License-Identifier: Apache-2.0
/**
 * How does a person consent? Their browser, and the way back from it (RFC 8252, RFC 7636).
 *
 * <p>Internal, except the types that are listed as stable. Start at {@link dev.mcpmtls.oauth.client.login.Login}.
 */
@NullMarked
package dev.mcpmtls.oauth.client.login;

import org.jspecify.annotations.NullMarked;
