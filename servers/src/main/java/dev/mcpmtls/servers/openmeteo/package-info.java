// SPDX-License-Identifier: Apache-2.0
/**
 * What does the public weather service at open-meteo.com say? Start at {@link dev.mcpmtls.servers.openmeteo.OpenMeteo}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.servers.openmeteo;

import org.jspecify.annotations.NullMarked;
