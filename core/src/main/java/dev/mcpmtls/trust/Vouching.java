// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName.Limit;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides which anchor may vouch for which name: by its binding, or, without one, by whose it is. */
final class Vouching {

    private final List<AnchorSet> sets;
    private final Map<X509Certificate, List<AnchorSet>> byCertificate = new HashMap<>();
    private final Optional<AnchorSet> ours;
    private final Optional<String> trustDomain;
    private final Set<Identity> ownNames;

    private Vouching(
            List<AnchorSet> sets, Optional<AnchorSet> ours, Optional<String> trustDomain, Set<Identity> ownNames) {
        this.sets = sets;
        this.ours = ours;
        this.trustDomain = trustDomain;
        this.ownNames = ownNames;
        for (AnchorSet set : sets) {
            set.certificates()
                    .forEach(anchor -> byCertificate
                            .computeIfAbsent(anchor, key -> new ArrayList<>())
                            .add(set));
        }
    }

    /** As the anchors say, for the side that presents {@code own}, if it presents anything. */
    static Vouching of(TrustPolicy policy, Optional<Chain> own) {
        TrustAnchors anchors = policy.anchors();
        List<Identity> names = own.map(chain -> new ParsedCertificate(chain.leaf()))
                .map(ParsedCertificate::identities)
                .orElse(List.of());
        Optional<String> trustDomain = names.stream()
                .filter(SpiffeId.class::isInstance)
                .map(name -> ((SpiffeId) name).trustDomain())
                .findFirst()
                .or(anchors::trustDomain);
        Optional<AnchorSet> ours = own.flatMap(chain -> issuerOf(chain, policy))
                .or(() -> anchors.sets().stream().findFirst());
        return new Vouching(anchors.sets(), ours, trustDomain, Set.copyOf(names));
    }

    /** The first file with which a chain of ours verifies, be it current or not; preferably one that is not bound. */
    private static Optional<AnchorSet> issuerOf(Chain own, TrustPolicy policy) {
        List<ParsedCertificate> presented = ParsedCertificate.all(own.certificates());
        return policy.anchors().sets().stream()
                .sorted(Comparator.comparing(AnchorSet::isBound))
                .filter(set -> new PathSearch(
                                presented,
                                ParsedCertificate.all(set.certificates()),
                                policy.bounds().maxLength() - 1,
                                (path, anchored) -> new PathSearch.Judged(List.of(), 0))
                        .best()
                        .anchored())
                .findFirst();
    }

    /** The anchors without a binding that are not ours: they vouch for any name that is neither ours nor bound to another anchor. */
    List<AnchorSet> unbound() {
        return sets.stream().filter(set -> !set.isBound() && !isOurs(set)).toList();
    }

    /** The bundles of a trust domain for which another file, which holds other roots, is a bundle too. */
    List<AnchorSet> rivals() {
        return sets.stream()
                .filter(set -> set.bindsItself() && !isOurs(set))
                .filter(set -> sets.stream()
                        .anyMatch(other -> other.bindsItself()
                                && !isOurs(other)
                                && other.names().equals(set.names())
                                && !Set.copyOf(other.certificates()).equals(Set.copyOf(set.certificates()))))
                .toList();
    }

    /**
     * The part of a leaf's names that an anchor vouches for.
     *
     * @param names SPIFFE ID first, without wildcards
     * @param lost how many others the leaf has
     * @param finding the reason to reject the leaf for its names
     */
    record Vouched(List<Identity> names, int lost, Optional<Rejection> finding) {}

    /**
     * Divides a leaf's names into those for which an anchor may vouch and others.
     *
     * @param expected the name that was dialled
     */
    Vouched judge(ParsedCertificate leaf, ParsedCertificate anchor, Optional<Identity> expected) {
        List<Identity> kept = new ArrayList<>();
        List<Identity> lost = new ArrayList<>();
        for (Identity name : leaf.identities()) {
            (mayVouch(anchor, name) ? kept : lost).add(name);
        }
        Optional<Identity> beyond = lost.stream()
                .filter(SpiffeId.class::isInstance)
                .findFirst()
                .or(() -> expected.filter(Vouching::isHost)
                        .filter(name -> EndpointName.matches(name, leaf))
                        .filter(name -> !mayVouch(anchor, name)));
        boolean isRefused = beyond.isPresent() || (kept.isEmpty() && lacksName(leaf, anchor, expected, lost));
        return new Vouched(
                kept,
                lost.size(),
                isRefused
                        ? Optional.of(finding(
                                leaf, anchor, beyond.or(() -> lost.stream().findFirst())))
                        : Optional.empty());
    }

    /** Whether a leaf that keeps no name would need one: when it had one, or the anchor is bound. */
    private boolean lacksName(
            ParsedCertificate leaf, ParsedCertificate anchor, Optional<Identity> expected, List<Identity> lost) {
        boolean keepsWildcard =
                expected.filter(name -> keepsWildcard(leaf, anchor, name)).isPresent();
        boolean isBound = setsOf(anchor).stream().allMatch(AnchorSet::isBound);
        return !keepsWildcard && (isBound || !lost.isEmpty());
    }

    private static boolean isHost(Identity name) {
        return name instanceof DnsName || name instanceof IpAddress;
    }

    /** A wildcard that the dialled name matches, or that the binding has as it is, counts as a name. */
    private boolean keepsWildcard(ParsedCertificate leaf, ParsedCertificate anchor, Identity expected) {
        return leaf.names().dnsNames().stream()
                .filter(name -> name.startsWith("*."))
                .anyMatch(wildcard -> EndpointName.matches(expected, leaf) || mayVouchForAll(anchor, wildcard));
    }

    private boolean mayVouchForAll(ParsedCertificate anchor, String wildcard) {
        NamePattern all;
        try {
            all = AnchorSet.name("dns:" + wildcard.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException malformed) {
            return false;
        }
        return setsOf(anchor).stream()
                .anyMatch(set -> !set.isBound() || set.names().stream().anyMatch(name -> name.covers(all)));
    }

    private boolean mayVouch(ParsedCertificate anchor, Identity name) {
        return setsOf(anchor).stream().anyMatch(set -> limit(set, anchor, name).isEmpty());
    }

    private List<AnchorSet> setsOf(ParsedCertificate anchor) {
        return byCertificate.getOrDefault(anchor.x509(), List.of());
    }

    /** Why an anchor of a file may not vouch for a name; empty when it may. */
    private Optional<Limit> limit(AnchorSet set, ParsedCertificate anchor, Identity name) {
        if (set.isBound() && !covers(set, name)) {
            return Optional.of(claimsOurs(set, name) ? Limit.NAME_OF_OURS : Limit.BOUND_TO_OTHERS);
        }
        if (set.isBound()) {
            return set.bindsItself() ? rivalLimit(anchor, name) : Optional.empty();
        }
        if (sets.stream().anyMatch(other -> covers(other, name))) {
            return Optional.of(Limit.NAME_OF_ANOTHER);
        }
        boolean isOurs = isOurs(set);
        if (name instanceof SpiffeId id) {
            return isOurs ? ownLimit(id) : additionalLimit(id);
        }
        return isOurs || !ownNames.contains(name) ? Optional.empty() : Optional.of(Limit.NAME_OF_OURS);
    }

    /**
     * A file that binds itself yields to the user's {@code for}. Two such files of one trust domain vouch for it only through anchors that
     * both hold.
     */
    private Optional<Limit> rivalLimit(ParsedCertificate anchor, Identity name) {
        List<AnchorSet> rivals = sets.stream()
                .filter(other -> covers(other, name) && !other.certificates().contains(anchor.x509()))
                .toList();
        if (rivals.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                rivals.stream().allMatch(AnchorSet::bindsItself) ? Limit.NAME_OF_TWO_BUNDLES : Limit.NAME_OF_ANOTHER);
    }

    private Optional<Limit> ownLimit(SpiffeId id) {
        boolean isAllowed = trustDomain.map(id.trustDomain()::equals).orElseGet(() -> isSoleUnbound());
        return isAllowed
                ? Optional.empty()
                : Optional.of(trustDomain.isPresent() ? Limit.OTHER_TRUST_DOMAIN : Limit.NO_TRUST_DOMAIN);
    }

    private Optional<Limit> additionalLimit(SpiffeId id) {
        if (trustDomain.isEmpty()) {
            return Optional.of(Limit.NO_TRUST_DOMAIN);
        }
        return trustDomain.get().equals(id.trustDomain()) ? Optional.of(Limit.NAME_OF_OURS) : Optional.empty();
    }

    private boolean isSoleUnbound() {
        return sets.stream().filter(set -> !set.isBound()).count() == 1;
    }

    private boolean covers(AnchorSet set, Identity name) {
        return set.names().stream().anyMatch(pattern -> pattern.matches(name)) && !claimsOurs(set, name);
    }

    /** Whether a file of others says by itself that it is for our trust domain. */
    private boolean claimsOurs(AnchorSet set, Identity name) {
        return set.bindsItself()
                && !isOurs(set)
                && name instanceof SpiffeId id
                && trustDomain.filter(id.trustDomain()::equals).isPresent();
    }

    /** For messages: each file with what its anchors vouch for. */
    String describe() {
        return sets.stream()
                .map(set -> Printable.clean(set.source()) + " ("
                        + (isOurs(set) && !set.isBound() ? "ours" : set.binding())
                        + set.edition().map(edition -> ", bundle of " + edition).orElse("") + ")")
                .collect(Collectors.joining(", "));
    }

    private boolean isOurs(AnchorSet set) {
        return ours.filter(set::equals).isPresent();
    }

    private Rejection finding(ParsedCertificate leaf, ParsedCertificate anchor, Optional<Identity> name) {
        AnchorSet set = setsOf(anchor).get(0);
        return new IssuerNotAllowedForName(
                leaf.who(),
                name,
                anchor.subjectText(),
                set.source(),
                name.flatMap(it -> limit(set, anchor, it)).orElse(Limit.NO_NAME),
                set.isBound() ? set.binding() : trustDomain.orElse(""));
    }
}
