// SPDX-License-Identifier: Apache-2.0
/**
 * Which operations of MCP begin and end here, for traces and metrics? An observer is told; one that is missing costs nothing.
 *
 * <p>Start at {@link dev.mcpmtls.protocol.observe.Observer}. The module {@code telemetry} has one that speaks to OpenTelemetry.
 */
@NullMarked
package dev.mcpmtls.protocol.observe;

import org.jspecify.annotations.NullMarked;
