// SPDX-License-Identifier: Apache-2.0
/**
 * What does the MCP specification say, as data? Revisions, methods, error codes and headers, for both sides, without any transport.
 */
@NullMarked
package dev.mcpmtls.protocol;

import org.jspecify.annotations.NullMarked;
