// SPDX-License-Identifier: Apache-2.0
/**
 * How is a document of an authorization server fetched within bounds? Start at {@link dev.mcpmtls.oauth.resource.fetch.JsonFetch}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.oauth.resource.fetch;

import org.jspecify.annotations.NullMarked;
