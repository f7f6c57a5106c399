// SPDX-License-Identifier: Apache-2.0
/**
 * How do traces and metrics of MCP reach OpenTelemetry? Spans and durations by its semantic conventions, and the trace context in {@code
 * params._meta}.
 *
 * <p>Start at {@link dev.mcpmtls.telemetry.McpTelemetry}.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md">Semantic conventions for MCP</a>
 */
@NullMarked
package dev.mcpmtls.telemetry;

import org.jspecify.annotations.NullMarked;
