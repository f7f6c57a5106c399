// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.FormRejection.ChainTooLarge;
import dev.mcpmtls.trust.FormRejection.MalformedCertificate;
import dev.mcpmtls.trust.KeyRejection.PinMismatch;
import dev.mcpmtls.trust.Peer.Basis;
import dev.mcpmtls.trust.Peer.Standing;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import dev.mcpmtls.trust.UseRejection.NameMismatch;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The verification of one question, at one time, under one policy. The package documentation lists the order of checks. */
final class Judgement {

    /** The reasons that the platform's validator does not check, and so cannot report again. */
    private static final Set<Reason> UNKNOWN_TO_PLATFORM = EnumSet.of(
            Reason.ISSUER_NOT_ALLOWED_FOR_NAME, Reason.NAME_MISMATCH, Reason.WRONG_PURPOSE, Reason.REVOCATION_UNKNOWN);

    private final TrustPolicy policy;
    private final Vouching vouching;
    private final Question question;
    private final Instant now;
    private final CertificateRules rules;

    Judgement(TrustPolicy policy, Vouching vouching, Question question, Instant now) {
        this.policy = policy;
        this.vouching = vouching;
        this.question = question;
        this.now = now;
        this.rules = new CertificateRules(question.purpose(), now);
    }

    Verdict verdict(Basis basis) {
        Chain parsed;
        try {
            List<byte[]> encodings = encodings(question.presented());
            long bytes =
                    encodings.stream().mapToLong(encoding -> encoding.length).sum();
            int allowed = policy.bounds().maxBytes();
            if (bytes > allowed) {
                return rejected(List.of(new ChainTooLarge(bytes, allowed)), List.of());
            }
            parsed = Chain.parse(encodings);
        } catch (CertificateException e) {
            return rejected(
                    List.of(new MalformedCertificate("the peer", Printable.clean(String.valueOf(e.getMessage())))),
                    List.of());
        }
        List<ParsedCertificate> presented = ParsedCertificate.all(parsed.certificates());
        PathSearch.Candidate best = new PathSearch(
                        presented, policy.parsedAnchors(), policy.bounds().maxLength() - 1, this::judge)
                .best();
        wantCrls(best);
        List<Rejection> enforced = new ArrayList<>();
        List<Rejection> recorded = new ArrayList<>();
        for (Rejection finding : best.findings()) {
            (policy.records(finding) ? recorded : enforced).add(finding);
        }
        ParsedCertificate leaf = presented.get(0);
        // The key of a refused peer is not remembered.
        if (policy.validation() == Validation.PINNED
                && (enforced.isEmpty() || policy.knownPeers().isEmpty())) {
            pinMismatch(leaf).ifPresent(enforced::add);
        }
        if (!enforced.isEmpty()) {
            return rejected(enforced, recorded);
        }
        Assurance assurance = assurance(recorded);
        List<Identity> names = assurance == Assurance.VERIFIED
                ? vouching.judge(leaf, best.anchor(), question.expected()).names()
                : leaf.identities();
        return new Verdict.Accepted(new Peer(
                identity(leaf, names),
                names,
                assurance,
                recorded,
                standing(question.about(parsed), best.certificates(), basis)));
    }

    /** The encodings to parse again, because the origin and the caches of the presented objects are unknown. */
    private static List<byte[]> encodings(Chain chain) throws CertificateException {
        List<byte[]> encodings = new ArrayList<>();
        for (X509Certificate certificate : chain.certificates()) {
            encodings.add(certificate.getEncoded());
        }
        return encodings;
    }

    private PathSearch.Judged judge(List<ParsedCertificate> path, boolean anchored) {
        if (!anchored) {
            return new PathSearch.Judged(findings(path, false, Optional.empty()), 0);
        }
        Vouching.Vouched vouched = vouching.judge(path.get(0), path.get(path.size() - 1), question.expected());
        return new PathSearch.Judged(findings(path, true, vouched.finding()), vouched.lost());
    }

    /** Every finding about one path from the leaf. */
    private List<Rejection> findings(List<ParsedCertificate> path, boolean anchored, Optional<Rejection> aboutNames) {
        ParsedCertificate leaf = path.get(0);
        List<Rejection> findings = new ArrayList<>(rules.leaf(leaf));
        for (int i = 1; i < path.size(); i++) {
            findings.addAll(rules.issuer(path.get(i), anchored && i == path.size() - 1));
        }
        findings.removeIf(policy::tolerates);
        findings.addAll(PathRules.limits(path));
        aboutNames.ifPresent(findings::add);
        revocation(path, anchored, findings);
        question.expected()
                .filter(expected -> !EndpointName.matches(expected, leaf))
                .ifPresent(expected -> findings.add(
                        new NameMismatch(expected.text(), leaf.names().printable())));
        if (anchored && findings.stream().allMatch(finding -> UNKNOWN_TO_PLATFORM.contains(finding.reason()))) {
            PathRules.platformObjection(path, now).ifPresent(findings::add);
        }
        return findings;
    }

    private void revocation(List<ParsedCertificate> path, boolean anchored, List<Rejection> findings) {
        for (int i = 0; i < path.size(); i++) {
            policy.revocation().denied(path.get(i)).ifPresent(findings::add);
            if (anchored && i + 1 < path.size()) {
                policy.revocation()
                        .judge(path.get(i), path.get(i + 1), policy.parsedAnchors(), now)
                        .ifPresent(findings::add);
            }
        }
    }

    private void wantCrls(PathSearch.Candidate best) {
        boolean isGoodOtherwise =
                best.findings().stream().allMatch(finding -> finding.reason() == Reason.REVOCATION_UNKNOWN);
        if (best.anchored() && isGoodOtherwise) {
            policy.revocation().distributionPoints().ifPresent(points -> points.want(best.certificates()));
        }
    }

    private Optional<Rejection> pinMismatch(ParsedCertificate leaf) {
        PublicKeyPin key = PublicKeyPin.of(leaf.x509().getPublicKey());
        if (policy.knownPeers().isPresent()) {
            Identity name = question.expected().orElseGet(() -> identity(leaf, leaf.identities()));
            return policy.knownPeers().get().check(leaf.who(), name, key);
        }
        return policy.pins().contains(key)
                ? Optional.empty()
                : Optional.of(new PinMismatch(leaf.who(), key, List.copyOf(policy.pins()), Optional.empty()));
    }

    private Assurance assurance(List<Rejection> recorded) {
        if (policy.validation() == Validation.PINNED) {
            return Assurance.PINNED;
        }
        // Under soft-fail, a missing CRL does not weaken the identity that the anchor vouches for.
        boolean vouchedFor = recorded.stream().allMatch(finding -> finding.reason() == Reason.REVOCATION_UNKNOWN);
        return vouchedFor ? Assurance.VERIFIED : Assurance.CLAIMED;
    }

    private static Identity identity(ParsedCertificate leaf, List<Identity> names) {
        return names.stream()
                .findFirst()
                .orElseGet(() -> PublicKeyPin.of(leaf.x509().getPublicKey()));
    }

    private Standing standing(Question asked, List<ParsedCertificate> path, Basis basis) {
        List<Instant> turningPoints = Stream.concat(
                        path.stream().flatMap(certificate -> certificate.turningPoints().stream()),
                        policy.revocation().turningPoints().stream())
                .toList();
        Instant from = turningPoints.stream()
                .filter(at -> !at.isAfter(now))
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
        Instant until = turningPoints.stream()
                .filter(at -> at.isAfter(now))
                .min(Instant::compareTo)
                .map(at -> at.minusNanos(1))
                .orElse(Instant.MAX);
        return new Standing(asked, basis, from, until);
    }

    private static Verdict rejected(List<Rejection> enforced, List<Rejection> recorded) {
        List<Rejection> all = new ArrayList<>(Findings.ranked(enforced));
        all.addAll(recorded);
        return new Verdict.Rejected(all.get(0), all);
    }
}
