// SPDX-License-Identifier: Apache-2.0
/**
 * How does revision 2026-07-28 work? Every request stands for itself; questions to the client take several rounds.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.transport.server.modern.ModernEra}.
 */
@NullMarked
package dev.mcpmtls.transport.server.modern;

import org.jspecify.annotations.NullMarked;
