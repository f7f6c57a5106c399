// SPDX-License-Identifier: Apache-2.0
/**
 * What is the weather there? Start at {@link dev.mcpmtls.servers.weather.WeatherServer}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.servers.weather;

import org.jspecify.annotations.NullMarked;
