// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Verifies presented chains against a policy. Thread-safe.
 *
 * <p>A verdict has a limited lifetime. It stands until the time crosses a validity boundary of a certificate or CRL that it
 * depends on, or until the policy or the revocation data change. Until then, {@link #recheck} costs a few comparisons, and
 * verifying the same chain again costs one hash.
 */
public final class ChainVerifier {

    private final InstantSource clock;
    private final VerdictCache cache = new VerdictCache();
    private volatile InForce inForce;

    /** The policy, what our side presents, and how often either was replaced. */
    private record InForce(TrustPolicy policy, Optional<Chain> own, Vouching vouching, long generation) {

        static InForce of(TrustPolicy policy, Optional<Chain> own, long generation) {
            return new InForce(policy, own, Vouching.of(policy, own), generation);
        }

        /** Grows whenever data that verdicts depend on change. */
        long epoch() {
            return (generation << 32)
                    + policy.revocation().epoch()
                    + policy.knownPeers().map(KnownPeers::epoch).orElse(0L);
        }
    }

    /** A verifier that reads the time from {@code clock} at each call. */
    public ChainVerifier(TrustPolicy policy, InstantSource clock) {
        this.inForce = InForce.of(policy, Optional.empty(), 0);
        this.clock = clock;
    }

    /** The policy in force. */
    public TrustPolicy policy() {
        return inForce.policy();
    }

    /** Replaces the policy; peers accepted under the old one are verified again at their next request. */
    public void replacePolicy(TrustPolicy replacement) {
        changePolicy(last -> replacement);
    }

    /** Replaces the policy by the result of {@code change} on the policy in force, atomically. */
    public synchronized void changePolicy(UnaryOperator<TrustPolicy> change) {
        inForce = InForce.of(change.apply(inForce.policy()), inForce.own(), inForce.generation() + 1);
    }

    /**
     * Says what our side presents: the file with which it verifies holds our own anchors, and its SPIFFE ID says which trust domain is
     * ours. Until then, the first file is ours. Peers accepted before are verified again at their next request.
     */
    public synchronized void presents(Chain own) {
        if (!inForce.own().equals(Optional.of(own))) {
            inForce = InForce.of(inForce.policy(), Optional.of(own), inForce.generation() + 1);
        }
    }

    /** Whether {@link #presents} was called. */
    public boolean knowsOwn() {
        return inForce.own().isPresent();
    }

    /** The anchors that are neither ours nor bound, and so vouch for every foreign name. */
    public List<AnchorSet> unboundAnchors() {
        return inForce.vouching().unbound();
    }

    /** The anchors that should be bound: unbound ones, and bundles of one trust domain that differ. */
    public List<AnchorSet> anchorsToBind() {
        Vouching vouching = inForce.vouching();
        return Stream.concat(vouching.unbound().stream(), vouching.rivals().stream())
                .toList();
    }

    /** Whether there are anchors besides our own, or bindings. */
    public boolean hasOtherAnchors() {
        List<AnchorSet> sets = policy().anchors().sets();
        return sets.size() > 1 || sets.stream().anyMatch(AnchorSet::isBound);
    }

    /** Each file of anchors with the names it may vouch for, for messages. */
    public String describeAnchors() {
        return inForce.vouching().describe();
    }

    /**
     * The trust anchors whose names are advertised in a handshake. Empty in relaxed and pinned mode: peers use the list as a
     * filter, and would withhold another issuer's certificate as if they had none.
     */
    public List<X509Certificate> advertisedAnchors() {
        TrustPolicy policy = policy();
        return policy.validation() == Validation.STRICT ? policy.anchors().certificates() : List.of();
    }

    /**
     * Verifies the chain of a client.
     *
     * @param presented as it came over the wire
     */
    public Verdict verifyClient(Chain presented) {
        return verify(presented, Purpose.CLIENT, Optional.empty());
    }

    /**
     * Verifies the chain of a server.
     *
     * @param presented as it came over the wire
     * @param expected the name that the client connects to, matched against the leaf's SAN (RFC 9525)
     */
    public Verdict verifyServer(Chain presented, Identity expected) {
        return verify(presented, Purpose.SERVER, Optional.of(expected));
    }

    /**
     * The findings of a strict peer, with our anchors, tolerances and revocation data, about a chain of ours, except those
     * about names; most serious first. Without anchors, as under a pinned policy, they do not include its issuer.
     */
    public List<Rejection> examine(Chain own, Purpose purpose) {
        TrustPolicy policy = policy();
        TrustPolicy strict = TrustPolicy.strict(
                        new TrustAnchors(policy.anchors().certificates()))
                .withTolerances(policy.tolerances())
                .withRevocation(policy.revocation())
                .withBounds(policy.bounds());
        ChainVerifier other = new ChainVerifier(strict, clock);
        if (!(other.verify(own, purpose, Optional.empty()) instanceof Verdict.Rejected rejected)) {
            return List.of();
        }
        boolean isAnchorless = policy.anchors().certificates().isEmpty();
        return rejected.findings().stream()
                .filter(finding -> !isAnchorless || finding.reason() != Reason.UNTRUSTED_ISSUER)
                .toList();
    }

    /**
     * Whether an accepted peer's verdict no longer stands; empty while it does. A peer of another verifier, or of another mode,
     * is verified again under this one's policy. It does not stand either when that would believe other names of the peer, or only claims.
     */
    public Optional<Rejection> recheck(Peer peer) {
        InForce now = inForce;
        Instant time = clock.instant();
        if (peer.standing().isCurrent(basis(now), time)) {
            return Optional.empty();
        }
        Verdict again = verify(peer.standing().question(), now, time);
        return again instanceof Verdict.Accepted accepted
                ? difference(peer, accepted.peer())
                : Optional.of(((Verdict.Rejected) again).rejection());
    }

    /** Decisions are made by the names and the assurance of a peer, so they must be those of today. */
    private static Optional<Rejection> difference(Peer before, Peer now) {
        if (now.assurance() == Assurance.CLAIMED && before.assurance() != Assurance.CLAIMED) {
            return now.relaxed().stream().findFirst();
        }
        return Stream.concat(before.names().stream(), now.names().stream())
                .filter(name -> !before.names().contains(name) || !now.names().contains(name))
                .findFirst()
                .map(name -> PathRejection.IssuerNotAllowedForName.changed(
                        before.chain().leaf(), name));
    }

    Verdict verify(Chain presented, Purpose purpose, Optional<Identity> expected) {
        InForce now = inForce;
        // The operator's edits take effect at this handshake, also for peers that were accepted before.
        now.policy().knownPeers().ifPresent(KnownPeers::reload);
        return verify(Question.of(presented, purpose, expected), now, clock.instant());
    }

    private Verdict verify(Question question, InForce now, Instant time) {
        Peer.Basis basis = basis(now);
        Optional<Peer> known =
                cache.find(question).filter(peer -> peer.standing().isCurrent(basis, time));
        if (known.isPresent()) {
            return new Verdict.Accepted(known.get());
        }
        Verdict verdict = new Judgement(now.policy(), now.vouching(), question, time).verdict(basis);
        if (verdict instanceof Verdict.Accepted accepted) {
            cache.keep(question, accepted.peer());
        }
        return verdict;
    }

    private Peer.Basis basis(InForce now) {
        return new Peer.Basis(this, now.epoch());
    }
}
