// SPDX-License-Identifier: Apache-2.0
/**
 * How does a host that speaks stdio reach a server behind mutual TLS? Start at {@link dev.mcpmtls.bridge.connect.Bridge}.
 *
 * <p>Messages travel as the text that they came in. Only the envelope is read: which message answers which, and what HTTP wants in
 * headers. {@code LegacySide} keeps a session on behalf of the host, {@code ModernSide} mirrors each request in headers.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.bridge.connect;

import org.jspecify.annotations.NullMarked;
