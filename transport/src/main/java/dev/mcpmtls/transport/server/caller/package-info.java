// SPDX-License-Identifier: Apache-2.0
/**
 * Who calls, what may be spent on them, and how are they refused?
 *
 * <p>Start at {@link dev.mcpmtls.transport.server.caller.Caller}. It and {@link
 * dev.mcpmtls.transport.server.caller.Limits} are for users; the rest is internal and may change at any time.
 */
@NullMarked
package dev.mcpmtls.transport.server.caller;

import org.jspecify.annotations.NullMarked;
