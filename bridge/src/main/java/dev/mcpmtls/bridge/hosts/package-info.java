// SPDX-License-Identifier: Apache-2.0
/**
 * Which file lists the servers of an MCP host, and how is our entry added to it and removed again? Start at
 * {@link HostConfigurations}.
 *
 * <p>{@link Host} is the data: one constant a host. An edit changes only the bytes of our entry: a
 * {@code Document} finds positions with a real parser and splices text. The result is parsed again and compared with the
 * intended content before anything is written.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.bridge.hosts;

import org.jspecify.annotations.NullMarked;
