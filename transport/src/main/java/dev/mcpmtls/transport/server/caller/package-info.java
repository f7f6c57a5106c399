// SPDX-License-Identifier: Apache-2.0
/**
 * Who calls, what may be spent on them, and how are they refused?
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.transport.server.caller.Caller}.
 */
@NullMarked
package dev.mcpmtls.transport.server.caller;

import org.jspecify.annotations.NullMarked;
