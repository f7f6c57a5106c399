// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.PublicKeyPin;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The conditions for accepting a peer: strict, relaxed by named relaxations, or pinned. Immutable, except that its revocation
 * data and its known peers are read again when their files change. The required strength of keys and signatures is fixed, not a
 * policy.
 */
public final class TrustPolicy {

    /** The mode, with its word in configuration and audit log. */
    public enum Validation {
        /** All checks enforced. */
        STRICT,
        /** Named checks recorded instead of enforced. */
        RELAXED,
        /** Exactly the listed keys. */
        PINNED;

        /** The word users write, for example {@code strict}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Bounds on the path to a trust anchor and on the presented chain. Presented certificates that are not on the path count as
     * bytes only: peers send cross-certificates for others, and in any order (RFC 8446, section 4.4.2).
     *
     * @param maxLength certificates on a path, leaf included, trust anchor and self-issued intermediates not; at least 1
     * @param maxBytes all presented encodings together
     */
    public record Bounds(int maxLength, int maxBytes) {

        /** Eight certificates, 64 KiB. */
        public static final Bounds DEFAULT = new Bounds(8, 64 * 1024);

        /** Checks that both bounds leave room for a certificate. */
        public Bounds {
            if (maxLength < 1 || maxBytes < 1) {
                throw new IllegalArgumentException(
                        "bounds on a chain must be positive: " + maxLength + ", " + maxBytes);
            }
        }
    }

    /** The checks that the pin replaces: the issuer, the server's name, and the issuer's limits. */
    private static final Set<Relaxation> REPLACED_BY_PIN = EnumSet.of(
            Relaxation.UNTRUSTED_ISSUER, Relaxation.ISSUER_NOT_ALLOWED, Relaxation.HOSTNAME, Relaxation.PURPOSE);

    private final Validation validation;
    private final TrustAnchors anchors;
    private final List<ParsedCertificate> parsedAnchors;
    private final Set<Relaxation> relaxations;
    private final Set<Tolerance> tolerances;
    private final Set<PublicKeyPin> pins;
    private final Optional<KnownPeers> knownPeers;
    private final Revocation revocation;
    private final Bounds bounds;

    private TrustPolicy(
            Validation validation,
            TrustAnchors anchors,
            Set<Relaxation> relaxations,
            Set<Tolerance> tolerances,
            Set<PublicKeyPin> pins,
            Optional<KnownPeers> knownPeers,
            Revocation revocation,
            Bounds bounds) {
        this.validation = validation;
        this.anchors = anchors;
        this.parsedAnchors = ParsedCertificate.all(anchors.certificates());
        this.relaxations = Set.copyOf(relaxations);
        this.tolerances = Set.copyOf(tolerances);
        this.pins = Set.copyOf(pins);
        this.knownPeers = knownPeers;
        this.revocation = revocation;
        this.bounds = bounds;
    }

    /** Every check enforced; the default everywhere. */
    public static TrustPolicy strict(TrustAnchors anchors) {
        return of(Validation.STRICT, anchors, Set.of(), Set.of(), Optional.empty());
    }

    /** Named checks recorded instead of enforced; for demonstrations and for a list of the peers that strict would refuse. */
    public static TrustPolicy relaxed(TrustAnchors anchors, Relaxation first, Relaxation... more) {
        Set<Relaxation> named = EnumSet.of(first);
        named.addAll(Arrays.asList(more));
        return of(Validation.RELAXED, anchors, named, Set.of(), Optional.empty());
    }

    /**
     * Exactly the peers that hold these keys. A pin stands in for trust anchor, name and purpose; everything else, validity
     * and strength included, is enforced as in strict.
     */
    public static TrustPolicy pinned(Set<PublicKeyPin> pins) {
        return of(Validation.PINNED, TrustAnchors.none(), Set.of(), pins, Optional.empty());
    }

    /**
     * As {@link #pinned}, with the key that each name had when it was first seen. Verification then reads the file at every
     * handshake, and fails with {@link dev.mcpmtls.identity.UnusableCredentialException} when it cannot be read or written.
     */
    public static TrustPolicy pinnedOnFirstUse(KnownPeers knownPeers) {
        return of(Validation.PINNED, TrustAnchors.none(), Set.of(), Set.of(), Optional.of(knownPeers));
    }

    /** This policy with other trust anchors, for example while an authority is being replaced. */
    public TrustPolicy withAnchors(TrustAnchors replacement) {
        return new TrustPolicy(validation, replacement, relaxations, tolerances, pins, knownPeers, revocation, bounds);
    }

    /** This policy with revocation data; without them, nothing is revoked. */
    public TrustPolicy withRevocation(Revocation replacement) {
        return new TrustPolicy(validation, anchors, relaxations, tolerances, pins, knownPeers, replacement, bounds);
    }

    /** This policy, with these faults of form tolerated; by default, none is. */
    public TrustPolicy withTolerances(Set<Tolerance> replacement) {
        return new TrustPolicy(validation, anchors, relaxations, replacement, pins, knownPeers, revocation, bounds);
    }

    /** This policy with other bounds; by default, {@link Bounds#DEFAULT}. */
    public TrustPolicy withBounds(Bounds replacement) {
        return new TrustPolicy(validation, anchors, relaxations, tolerances, pins, knownPeers, revocation, replacement);
    }

    /** The mode. */
    public Validation validation() {
        return validation;
    }

    /** The certificates with which verification starts. */
    public TrustAnchors anchors() {
        return anchors;
    }

    /** The checks that are recorded instead of enforced; empty unless relaxed. */
    public Set<Relaxation> relaxations() {
        return relaxations;
    }

    /** The faults of form that are tolerated; usually empty. */
    public Set<Tolerance> tolerances() {
        return tolerances;
    }

    /** The accepted keys; empty unless pinned. */
    public Set<PublicKeyPin> pins() {
        return pins;
    }

    /** The store of keys at first sight; empty unless pinned on first use. */
    public Optional<KnownPeers> knownPeers() {
        return knownPeers;
    }

    /** The revocation data. */
    public Revocation revocation() {
        return revocation;
    }

    /** The status of the CRLs in force at an instant, signatures included: one entry for each issuer, by name. */
    public List<Revocation.Standing> revocationStandings(Instant now) {
        return revocation.standings(parsedAnchors, now);
    }

    /** The bounds on the path to a trust anchor and on the presented chain. */
    public Bounds bounds() {
        return bounds;
    }

    List<ParsedCertificate> parsedAnchors() {
        return parsedAnchors;
    }

    /** Whether this policy tolerates a finding. */
    boolean tolerates(Rejection finding) {
        return finding.tolerance().filter(tolerances::contains).isPresent();
    }

    /** Whether a finding is recorded instead of enforced under this policy. */
    boolean records(Rejection finding) {
        if (finding instanceof RevocationRejection.ListedWithoutProof) {
            return false;
        }
        if (finding.reason() == Reason.REVOCATION_UNKNOWN) {
            return validation == Validation.RELAXED || revocation.isSoftFail();
        }
        Set<Relaxation> applied = validation == Validation.PINNED ? REPLACED_BY_PIN : relaxations;
        return applied.stream().anyMatch(relaxation -> relaxation.covers(finding.reason()));
    }

    private static TrustPolicy of(
            Validation validation,
            TrustAnchors anchors,
            Set<Relaxation> relaxations,
            Set<PublicKeyPin> pins,
            Optional<KnownPeers> knownPeers) {
        return new TrustPolicy(
                validation, anchors, relaxations, Set.of(), pins, knownPeers, Revocation.none(), Bounds.DEFAULT);
    }
}
