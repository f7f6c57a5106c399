// SPDX-License-Identifier: Apache-2.0
/**
 * How do several servers appear as one? Their lists are merged, names carry the server's name in front, and each message finds its way back.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.combine.CombinedBackend}.
 */
@NullMarked
package dev.mcpmtls.gateway.combine;

import org.jspecify.annotations.NullMarked;
