// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The other end of a TLS connection, after its chain was accepted. An instance proves that the checks were made, because only
 * {@link ChainVerifier} makes peers. {@link ChainVerifier#recheck} tells whether the verdict still stands. Immutable.
 */
public final class Peer {

    private final Identity identity;
    private final List<Identity> names;
    private final Assurance assurance;
    private final List<Rejection> wouldReject;
    private final Standing standing;

    Peer(Identity identity, List<Identity> names, Assurance assurance, List<Rejection> wouldReject, Standing standing) {
        this.identity = identity;
        this.names = List.copyOf(names);
        this.assurance = assurance;
        this.wouldReject = List.copyOf(wouldReject);
        this.standing = standing;
    }

    /**
     * The standing of a verdict.
     *
     * @param from the first instant for which it holds
     * @param until the last instant for which it holds
     */
    record Standing(Question question, Basis basis, Instant from, Instant until) {

        boolean isCurrent(Basis current, Instant now) {
            return basis.equals(current) && !now.isBefore(from) && !now.isAfter(until);
        }
    }

    /**
     * The basis of a verdict.
     *
     * @param verifier the verifier that gave it; equal to itself alone
     * @param epoch of its policy and revocation data
     */
    record Basis(Object verifier, long epoch) {}

    /** The name this peer owns: its SPIFFE ID, else its first DNS or IP name, else its key's pin. */
    public Identity identity() {
        return identity;
    }

    /**
     * Every name it owns when {@code VERIFIED}: those for which its trust anchor may vouch; else every name it claims. The identity is the
     * first, unless there is none.
     */
    public List<Identity> names() {
        return names;
    }

    /** The grounds for the identity. */
    public Assurance assurance() {
        return assurance;
    }

    /** The role for which its certificate was verified. */
    public Purpose purpose() {
        return standing.question().purpose();
    }

    /** The presented chain, leaf first, parsed again from its encoding. */
    public Chain chain() {
        return standing.question().presented();
    }

    /**
     * The findings that were recorded instead of enforced, most serious first: those that strict validation would have refused,
     * and under soft-fail an unknown revocation status. Usually empty.
     */
    public List<Rejection> wouldReject() {
        return wouldReject;
    }

    /** Whether no current CRL cleared it, which soft-fail and relaxed validation allow. */
    public boolean isOfUnknownRevocation() {
        return wouldReject.stream().anyMatch(Peer::isAboutRevocation);
    }

    /** Whether logs should warn of it: its name is only claimed, or it may have been revoked. */
    public boolean isAcceptedWithReservations() {
        return assurance == Assurance.CLAIMED || isOfUnknownRevocation();
    }

    /** The recorded findings that strict validation would have refused, without unknown revocation; most serious first. */
    public List<Rejection> relaxed() {
        return wouldReject.stream()
                .filter(finding -> !isAboutRevocation(finding))
                .toList();
    }

    /** One sentence for logs about its acceptance and the findings recorded instead of enforced. */
    public String acceptance() {
        StringBuilder sentence = new StringBuilder("accepted ").append(this);
        if (assurance == Assurance.CLAIMED) {
            sentence.append(" only because validation is relaxed: ").append(explain(relaxed()));
        }
        if (isOfUnknownRevocation()) {
            List<Rejection> unknown =
                    wouldReject.stream().filter(Peer::isAboutRevocation).toList();
            sentence.append(assurance == Assurance.CLAIMED ? "; and" : "")
                    .append(" without knowing whether it was revoked: ")
                    .append(explain(unknown));
        }
        return sentence.toString();
    }

    private static boolean isAboutRevocation(Rejection finding) {
        return finding.reason() == Reason.REVOCATION_UNKNOWN;
    }

    private static String explain(List<Rejection> findings) {
        return findings.stream().map(Rejection::explain).collect(Collectors.joining("; "));
    }

    /**
     * The last instant of this verdict: afterwards some certificate or CRL that it depends on is no longer current, and the
     * peer is verified again.
     */
    public Instant goodUntil() {
        return standing.until();
    }

    Standing standing() {
        return standing;
    }

    @Override
    public String toString() {
        return identity + " (" + assurance + ")";
    }
}
