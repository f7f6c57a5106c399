// SPDX-License-Identifier: Apache-2.0
/**
 * Where on Earth is that city, and which clock does it keep? Start at {@link dev.mcpmtls.servers.gazetteer.Atlas}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.servers.gazetteer;

import org.jspecify.annotations.NullMarked;
