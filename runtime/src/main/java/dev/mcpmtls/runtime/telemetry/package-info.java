// SPDX-License-Identifier: Apache-2.0
/**
 * How do the traces and metrics of one process reach a collector? OpenTelemetry's SDK and its exporter, loaded only when a collector is
 * named.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.runtime.telemetry.Telemetry}.
 */
@NullMarked
package dev.mcpmtls.runtime.telemetry;

import org.jspecify.annotations.NullMarked;
