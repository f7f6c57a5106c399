// SPDX-License-Identifier: Apache-2.0
/**
 * Which era does the client speak, which the server, and what is translated between them?
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.session.LegacySession}.
 */
@NullMarked
package dev.mcpmtls.gateway.session;

import org.jspecify.annotations.NullMarked;
