// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.trust.Peer;
import java.time.Instant;
import java.util.List;

/**
 * A peer that was accepted with a certificate.
 *
 * @param servers the names of the servers that accepted it, as in the audit log
 * @param connections how many handshakes it completed
 */
public record SeenPeer(Peer peer, List<String> servers, Instant firstAt, Instant lastAt, long connections) {

    /** Its name as access rules write it. */
    public String name() {
        return NamePattern.exactly(peer.identity());
    }
}
