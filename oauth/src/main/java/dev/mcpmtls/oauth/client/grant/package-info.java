// SPDX-License-Identifier: Apache-2.0
/**
 * How is a token endpoint asked, and as which client? Client authentication, proofs of possession, and what comes back.
 *
 * <p>Internal, except the types that are listed as stable. Start at {@link dev.mcpmtls.oauth.client.grant.TokenEndpoint}.
 */
@NullMarked
package dev.mcpmtls.oauth.client.grant;

import org.jspecify.annotations.NullMarked;
