// SPDX-License-Identifier: Apache-2.0
/**
 * How do servers run as processes of ours? Start, messages over standard streams, logs, and an end that leaves nothing behind.
 *
 * <p>Internal, except {@link dev.mcpmtls.gateway.process.ServerCommand}. Start at {@link dev.mcpmtls.gateway.process.ServerProcess}.
 */
@NullMarked
package dev.mcpmtls.gateway.process;

import org.jspecify.annotations.NullMarked;
