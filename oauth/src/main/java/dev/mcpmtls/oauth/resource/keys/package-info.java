// SPDX-License-Identifier: Apache-2.0
/**
 * With which keys does an issuer sign? Start at {@link dev.mcpmtls.oauth.resource.keys.IssuerKeys}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.oauth.resource.keys;

import org.jspecify.annotations.NullMarked;
