// SPDX-License-Identifier: Apache-2.0
/**
 * What did the client send, and is it HTTP of a conforming client? From the listening socket to a message, and back to bytes.
 *
 * <p>Internal, except {@link dev.mcpmtls.transport.server.http.CannotListenException} and {@link
 * dev.mcpmtls.transport.server.http.ListenAddress}. Start at {@code Listener}: it hands requests to {@code HttpRequestHandler}, which hands messages to an {@link dev.mcpmtls.transport.server.http.Endpoint}.
 */
@NullMarked
package dev.mcpmtls.transport.server.http;

import org.jspecify.annotations.NullMarked;
