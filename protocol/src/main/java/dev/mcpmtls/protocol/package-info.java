// SPDX-License-Identifier: Apache-2.0
/**
 * What does the MCP specification say, as data? Revisions, methods, error codes and headers, for both sides, without any transport.
 *
 * <p>Internal.
 *
 * <p>Start at {@link dev.mcpmtls.protocol.JsonRpcMessage}, a parsed message, and at {@link dev.mcpmtls.protocol.Method}, which lists
 * the methods of every revision.
 */
@NullMarked
package dev.mcpmtls.protocol;

import org.jspecify.annotations.NullMarked;
