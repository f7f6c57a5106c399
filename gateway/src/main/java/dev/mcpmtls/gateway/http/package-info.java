// SPDX-License-Identifier: Apache-2.0
/**
 * How is a server that speaks HTTP used? Streamable HTTP of both eras, with requests that are made here from their first header on.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.http.HttpUpstream}.
 */
@NullMarked
package dev.mcpmtls.gateway.http;

import org.jspecify.annotations.NullMarked;
