// SPDX-License-Identifier: Apache-2.0
/**
 * Are a server's tools still those that its user approved? Digests of tool definitions in canonical form, the lock file that keeps
 * them, and the check of each list and call.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.protocol.pins.ToolsLock}, the file, and at {@link dev.mcpmtls.protocol.pins.PinnedTools}, which
 * checks one connection.
 */
@NullMarked
package dev.mcpmtls.protocol.pins;

import org.jspecify.annotations.NullMarked;
