// SPDX-License-Identifier: Apache-2.0
/**
 * What does the clock show there? Start at {@link dev.mcpmtls.servers.datetime.DatetimeServer}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.servers.datetime;

import org.jspecify.annotations.NullMarked;
