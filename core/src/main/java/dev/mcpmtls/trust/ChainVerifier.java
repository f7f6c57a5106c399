// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import java.time.InstantSource;
import java.util.Optional;

/** Verifies presented chains against a policy. Thread-safe. */
public final class ChainVerifier {

    private final InstantSource clock;
    private volatile TrustPolicy policy;

    /** A verifier that reads the time from {@code clock} at each call. */
    public ChainVerifier(TrustPolicy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /** The policy in force. */
    public TrustPolicy policy() {
        return policy;
    }

    /** Replaces the policy; peers accepted under the old one are judged again at their next request. */
    public void replacePolicy(TrustPolicy replacement) {
        this.policy = replacement;
    }

    /**
     * Verifies the chain of a client.
     *
     * @param presented as it came over the wire
     */
    public Verdict verifyClient(Chain presented) {
        throw new IllegalStateException("being built " + clock);
    }

    /**
     * Verifies the chain of a server.
     *
     * @param presented as it came over the wire
     * @param expected the name that was dialled, matched against the leaf's SAN (RFC 9525)
     */
    public Verdict verifyServer(Chain presented, Identity expected) {
        throw new IllegalStateException("being built " + clock);
    }

    /** Whether an accepted peer's verdict no longer stands: a few comparisons unless the epoch has moved. */
    public Optional<Rejection> recheck(Peer peer) {
        throw new IllegalStateException("being built " + clock);
    }
}
