// SPDX-License-Identifier: Apache-2.0
/**
 * A real authorization server for the tests: Spring's, over TLS that asks for client certificates, in the process of the test.
 *
 * <p>Start at {@link dev.mcpmtls.acceptance.issuer.AuthorizationServer}.
 */
@NullMarked
package dev.mcpmtls.acceptance.issuer;

import org.jspecify.annotations.NullMarked;
