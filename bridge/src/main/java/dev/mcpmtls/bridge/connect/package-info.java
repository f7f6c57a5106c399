// SPDX-License-Identifier: Apache-2.0
/**
 * How does a host that speaks stdio reach a server behind mutual TLS? Start at {@link dev.mcpmtls.bridge.connect.Bridge}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.bridge.connect;

import org.jspecify.annotations.NullMarked;
