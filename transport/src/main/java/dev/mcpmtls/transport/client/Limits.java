// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import java.time.Duration;

/**
 * The limits on the time and memory that a server may cost a client.
 *
 * @param connect how long opening a TCP connection may take; the handshake's limit is the profile's
 * @param silence how long an answer may pause, its first byte included; does not end streams kept for notifications
 * @param exchange how long an answer may take in all; does not end streams kept for notifications
 * @param maxMessageBytes the largest message: one JSON body, or one event of a stream
 * @param maxConnections HTTP/1.1 connections to a server at a time; HTTP/2 needs one
 */
record Limits(Duration connect, Duration silence, Duration exchange, int maxMessageBytes, int maxConnections) {}
