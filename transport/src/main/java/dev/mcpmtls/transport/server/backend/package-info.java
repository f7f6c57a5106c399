// SPDX-License-Identifier: Apache-2.0
/**
 * What answers a request? The official SDK's server is one kind; backends know of no era, and eras of no kind of backend.
 *
 * <p>Internal, except {@link dev.mcpmtls.transport.server.backend.CallMapper}. Start at {@link dev.mcpmtls.transport.server.backend.Backend}.
 */
@NullMarked
package dev.mcpmtls.transport.server.backend;

import org.jspecify.annotations.NullMarked;
