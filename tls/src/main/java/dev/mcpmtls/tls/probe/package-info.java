// SPDX-License-Identifier: Apache-2.0
/**
 * What does a server present and ask for, and how does the handshake with it end? For a diagnosis; start at
 * {@link dev.mcpmtls.tls.probe.TlsProbe}.
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.tls.probe;

import org.jspecify.annotations.NullMarked;
