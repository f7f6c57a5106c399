// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import java.time.Instant;
import java.util.List;

/**
 * The other end of a TLS connection, after its chain was accepted. Holding one proves that the checks were made: only
 * {@link ChainVerifier} makes peers. Ask {@link ChainVerifier#recheck} whether the verdict still stands. Immutable.
 */
public final class Peer {

    private final Identity identity;
    private final Assurance assurance;
    private final Purpose purpose;
    private final Chain chain;
    private final List<Rejection> wouldReject;
    private final Instant goodUntil;
    private final long epoch;

    Peer(
            Identity identity,
            Assurance assurance,
            Purpose purpose,
            Chain chain,
            List<Rejection> wouldReject,
            Instant goodUntil,
            long epoch) {
        this.identity = identity;
        this.assurance = assurance;
        this.purpose = purpose;
        this.chain = chain;
        this.wouldReject = List.copyOf(wouldReject);
        this.goodUntil = goodUntil;
        this.epoch = epoch;
    }

    /** The name this peer owns: its SPIFFE ID, else its first DNS or IP name, else its key's pin. */
    public Identity identity() {
        return identity;
    }

    /** How the identity came to be believed. */
    public Assurance assurance() {
        return assurance;
    }

    /** The role its certificate was judged for. */
    public Purpose purpose() {
        return purpose;
    }

    /** What it presented, leaf first. */
    public Chain chain() {
        return chain;
    }

    /** What strict validation would have refused, most serious first; empty unless a relaxation was needed. */
    public List<Rejection> wouldReject() {
        return wouldReject;
    }

    /** The first instant at which some certificate of the verified path is no longer valid. */
    public Instant goodUntil() {
        return goodUntil;
    }

    /** The epoch of policy and revocation data under which this peer was accepted. */
    long epoch() {
        return epoch;
    }

    @Override
    public String toString() {
        return identity + " (" + assurance + ")";
    }
}
