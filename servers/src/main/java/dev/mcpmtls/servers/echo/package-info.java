// SPDX-License-Identifier: Apache-2.0
/**
 * What did the server receive, and from whom? Start at {@link dev.mcpmtls.servers.echo.EchoServer}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.servers.echo;

import org.jspecify.annotations.NullMarked;
