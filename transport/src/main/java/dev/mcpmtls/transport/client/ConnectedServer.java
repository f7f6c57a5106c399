// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.trust.Peer;
import java.util.Optional;

/**
 * The peer, connection and protocol agreed with a server, for {@code --verbose} and {@code doctor}.
 *
 * @param peer the server, as it was accepted
 * @param connection the latest connection
 * @param group the key exchange group, for example {@code X25519MLKEM768}; empty when the engine does not report it
 * @param era {@link Era#LEGACY} or {@link Era#MODERN}
 * @param protocolVersion the MCP revision, for example {@code 2026-07-28}
 */
public record ConnectedServer(
        Peer peer, ConnectionFacts connection, Optional<String> group, Era era, String protocolVersion) {}
