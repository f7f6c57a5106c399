// SPDX-License-Identifier: Apache-2.0
/**
 * Whose message is this? Several clients' requests over one channel, and a channel that is opened again when it ends.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.gateway.link.LegacyLink}.
 */
@NullMarked
package dev.mcpmtls.gateway.link;

import org.jspecify.annotations.NullMarked;
