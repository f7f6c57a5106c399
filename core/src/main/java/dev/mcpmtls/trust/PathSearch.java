// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.trust.KeyRejection.BadSignature;
import dev.mcpmtls.trust.KeyRejection.WeakKey;
import dev.mcpmtls.trust.PathRejection.PathAboveBound;
import dev.mcpmtls.trust.PathRejection.UntrustedIssuer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Searches for a path without findings from the leaf to a trust anchor that may vouch for all its names. Without one, it keeps the path
 * with the least serious findings, so that the reason names the real obstacle. Among equals it keeps the path that loses the fewest names.
 *
 * <p>Depth first over presented intermediates and anchors. The work is bounded against crafted forests: the numbers of issuers
 * tried, signatures verified and paths checked, and the length of a path. A key never appears twice under one name.
 */
final class PathSearch {

    /**
     * A path from the leaf.
     *
     * @param certificates leaf first, the anchor last when {@code anchored}
     * @param lostNames the number of the leaf's names for which the anchor may not vouch
     */
    record Candidate(List<ParsedCertificate> certificates, boolean anchored, List<Rejection> findings, int lostNames) {

        ParsedCertificate anchor() {
            return certificates.get(certificates.size() - 1);
        }

        boolean isPerfect() {
            return findings.isEmpty() && lostNames == 0;
        }
    }

    /**
     * The faults of a path.
     *
     * @param findings in any order
     */
    record Judged(List<Rejection> findings, int lostNames) {}

    /** Checks a path. */
    interface Judge {
        Judged judge(List<ParsedCertificate> path, boolean anchored);
    }

    private static final int MAX_STEPS = 512;
    private static final int MAX_JUDGED = 32;

    private final ParsedCertificate leaf;
    private final Set<ParsedCertificate> intermediates;
    private final Set<ParsedCertificate> anchors;
    private final int maxIntermediates;
    private final Judge judge;
    private final Links links = new Links();
    private int steps;
    private int judged;
    private Optional<Candidate> best = Optional.empty();

    PathSearch(List<ParsedCertificate> presented, List<ParsedCertificate> anchors, int maxIntermediates, Judge judge) {
        this.intermediates = new LinkedHashSet<>(presented.subList(1, presented.size()));
        this.anchors = new LinkedHashSet<>(anchors);
        this.maxIntermediates = maxIntermediates;
        this.judge = judge;
        this.leaf = presented.get(0);
    }

    /** The path without faults, else the one with the least serious ones. */
    Candidate best() {
        extend(List.of(leaf));
        return best.orElseGet(
                () -> candidate(List.of(leaf), false, List.of(untrusted(leaf, "too many certificates to try"))));
    }

    private void extend(List<ParsedCertificate> path) {
        ParsedCertificate top = path.get(path.size() - 1);
        boolean issued = false;
        List<Rejection> claims = new ArrayList<>();
        for (ParsedCertificate anchor : anchors) {
            if (isOver()) {
                return;
            }
            if (isIssuer(top, anchor, claims)) {
                issued = true;
                keep(candidate(with(path, anchor), true, List.of()));
            }
        }
        for (ParsedCertificate intermediate : intermediates) {
            if (isOver()) {
                return;
            }
            if (!isOn(path, intermediate) && isIssuer(top, intermediate, claims)) {
                issued = true;
                extendWithin(path, intermediate);
            }
        }
        if (!issued) {
            keep(candidate(path, false, deadEnd(top, claims)));
        }
    }

    /** Whether a path without faults was found, or the bound was reached. */
    private boolean isOver() {
        return steps > MAX_STEPS
                || judged > MAX_JUDGED
                || best.filter(Candidate::isPerfect).isPresent();
    }

    /** Whether {@code top} carries the issuer's name and signature; a false claim is noted. */
    private boolean isIssuer(ParsedCertificate top, ParsedCertificate issuer, List<Rejection> claims) {
        boolean named = top.issuer().equals(issuer.subject());
        if (!named && !top.namesKeyOf(issuer)) {
            return false;
        }
        steps++;
        if (!Strength.isAffordable(issuer.x509().getPublicKey())) {
            claims.add(new WeakKey(issuer.who(), issuer.x509().getPublicKey().getAlgorithm()));
            return false;
        }
        boolean signed = links.isSigned(top, issuer);
        if (!signed) {
            claims.add(new BadSignature(top.who(), issuer.subjectText()));
        }
        return named && signed;
    }

    private void extendWithin(List<ParsedCertificate> path, ParsedCertificate intermediate) {
        List<ParsedCertificate> longer = with(path, intermediate);
        if (PathRules.countedIntermediates(longer) <= maxIntermediates) {
            extend(longer);
        } else {
            keep(candidate(path, false, List.of(new PathAboveBound(path.get(0).who(), maxIntermediates + 1))));
        }
    }

    private List<Rejection> deadEnd(ParsedCertificate top, List<Rejection> claims) {
        List<Rejection> findings = new ArrayList<>(claims);
        if (claims.isEmpty() && top.isSelfIssued() && !top.carriesItsOwnSignature()) {
            findings.add(new BadSignature(top.who(), top.issuerText()));
        }
        findings.add(untrusted(top, "no trust anchor has that name and key"));
        return findings;
    }

    private void keep(Candidate candidate) {
        if (best.isEmpty() || SERIOUSNESS.compare(candidate, best.get()) < 0) {
            best = Optional.of(candidate);
        }
    }

    private Candidate candidate(List<ParsedCertificate> path, boolean anchored, List<Rejection> more) {
        judged++;
        Judged faults = judge.judge(path, anchored);
        List<Rejection> findings = new ArrayList<>(faults.findings());
        findings.addAll(more);
        return new Candidate(path, anchored, Findings.ranked(findings), faults.lostNames());
    }

    private static UntrustedIssuer untrusted(ParsedCertificate top, String why) {
        return new UntrustedIssuer(top.who(), top.issuerText(), why);
    }

    /** RFC 4158, section 5.2: the same name with the same key again cannot lead anywhere new. */
    private static boolean isOn(List<ParsedCertificate> path, ParsedCertificate candidate) {
        return path.stream()
                .anyMatch(certificate -> certificate.subject().equals(candidate.subject())
                        && certificate
                                .x509()
                                .getPublicKey()
                                .equals(candidate.x509().getPublicKey()));
    }

    private static List<ParsedCertificate> with(List<ParsedCertificate> path, ParsedCertificate next) {
        List<ParsedCertificate> longer = new ArrayList<>(path);
        longer.add(next);
        return longer;
    }

    /**
     * Paths without findings first, then paths that reach an anchor, then by the worst finding, then by the number of findings, then by
     * the number of lost names.
     */
    private static final Comparator<Candidate> SERIOUSNESS = Comparator.comparing(
                    (Candidate candidate) -> !candidate.findings().isEmpty())
            .thenComparing(candidate -> !candidate.anchored())
            .thenComparing(candidate -> Findings.worst(candidate.findings()), Comparator.reverseOrder())
            .thenComparingInt(candidate -> candidate.findings().size())
            .thenComparingInt(Candidate::lostNames);
}
