// SPDX-License-Identifier: Apache-2.0
/**
 * Does the issuer still stand by a token? Start at {@link dev.mcpmtls.oauth.resource.introspection.Introspection}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.oauth.resource.introspection;

import org.jspecify.annotations.NullMarked;
