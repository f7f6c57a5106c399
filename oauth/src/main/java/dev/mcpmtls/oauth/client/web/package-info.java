// SPDX-License-Identifier: Apache-2.0
/**
 * Which URLs that a server names are asked, and how? Bounded exchanges over TLS, without redirects and cookies.
 *
 * <p>Internal, except the types that are listed as stable. Start at {@link dev.mcpmtls.oauth.client.web.Web}.
 */
@NullMarked
package dev.mcpmtls.oauth.client.web;

import org.jspecify.annotations.NullMarked;
