// SPDX-License-Identifier: Apache-2.0
/**
 * May this call be made, is that recorded, and where does its handler run? The same for both eras.
 *
 * <p>Internal, except {@link dev.mcpmtls.transport.server.call.CallListener}. Start at {@link dev.mcpmtls.transport.server.call.RequestDispatcher}.
 */
@NullMarked
package dev.mcpmtls.transport.server.call;

import org.jspecify.annotations.NullMarked;
