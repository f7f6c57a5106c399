// SPDX-License-Identifier: Apache-2.0
/**
 * How do revisions up to 2025-11-25 work? Sessions, their streams, and resumption.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.transport.server.legacy.LegacyEra}.
 */
@NullMarked
package dev.mcpmtls.transport.server.legacy;

import org.jspecify.annotations.NullMarked;
