// SPDX-License-Identifier: Apache-2.0
/**
 * How does a desktop host come to start {@code mcp-mtls connect}? Start at {@link dev.mcpmtls.cli.host.HostCommand}.
 */
@NullMarked
package dev.mcpmtls.cli.host;

import org.jspecify.annotations.NullMarked;
