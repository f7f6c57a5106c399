// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.ServerName;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.probe.TlsProbe;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.UseRejection;
import dev.mcpmtls.trust.Verdict;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/** The checks of the certificates of both sides. */
final class Certificates {

    private Certificates() {}

    /**
     * The result of verifying the server's chain.
     *
     * @param peer the proof that it was accepted; empty when it was not
     */
    record Judged(List<Check> checks, Optional<Peer> peer) {}

    /** Our own credential, as a strict server with our anchors would see it. */
    static List<Check> own(Credential credential, List<Rejection> findings, InstantSource clock) {
        List<Check> checks = new ArrayList<>();
        for (Rejection finding : findings) {
            // The server decides which anchors it trusts; the rest it will see as we do.
            boolean isItsToSay = finding.tolerance().isEmpty()
                    && (finding.reason() == Reason.UNTRUSTED_ISSUER || finding.reason() == Reason.REVOCATION_UNKNOWN);
            checks.add(
                    isItsToSay
                            ? Check.warning(Step.CREDENTIAL, "ours: " + finding.explain(), whatTheServerNeeds(finding))
                            : Check.failed(
                                    Step.CREDENTIAL,
                                    "ours: " + finding.explain() + apart(finding, clock),
                                    credential.remedy(finding.remedy()).text()));
        }
        credential.warnings().forEach(warning -> checks.add(Check.warning(Step.CREDENTIAL, warning, "")));
        if (checks.isEmpty()) {
            checks.add(Check.ok(Step.CREDENTIAL, credential.name() + ": " + describe(credential.chain(), clock)));
        }
        return checks;
    }

    /** The bindings of our trust anchors, where there is more than our own. */
    static List<Check> anchors(ChainVerifier verifier) {
        if (verifier.policy().validation() == TrustPolicy.Validation.PINNED || !verifier.hasOtherAnchors()) {
            return List.of();
        }
        List<Check> checks = new ArrayList<>();
        checks.add(Check.ok(Step.TRUST_ANCHORS, verifier.describeAnchors()));
        for (AnchorSet set : verifier.anchorsToBind()) {
            checks.add(Check.warning(Step.TRUST_ANCHORS, set.needsBinding(), set.lineToBind()));
        }
        return checks;
    }

    private static String whatTheServerNeeds(Rejection finding) {
        return finding.reason() == Reason.UNTRUSTED_ISSUER
                ? "nothing, if the server trusts that issuer: our own trust anchors are for verifying servers"
                : finding.remedy().text();
    }

    /** The server's chain. */
    static Judged server(Chain chain, ChainVerifier verifier, String dialled, InstantSource clock) {
        Verdict verdict = verifier.verifyServer(chain, ServerName.of(dialled));
        if (verdict instanceof Verdict.Accepted accepted) {
            List<Check> checks = new ArrayList<>();
            accepted.peer()
                    .wouldReject()
                    .forEach(finding -> checks.add(Check.warning(
                            Step.SERVER_CERTIFICATE,
                            finding.explain() + apart(finding, clock) + "; accepted because "
                                    + whyAccepted(finding, verifier.policy()),
                            finding.remedy().text())));
            if (checks.isEmpty()) {
                checks.add(Check.ok(Step.SERVER_CERTIFICATE, describe(chain, clock)));
            }
            return new Judged(checks, Optional.of(accepted.peer()));
        }
        List<Check> checks = ((Verdict.Rejected) verdict)
                .findings().stream()
                        .map(finding -> Check.failed(
                                Step.SERVER_CERTIFICATE,
                                finding.explain() + apart(finding, clock),
                                missing(finding, chain, verifier)
                                        .orElseGet(() -> finding.remedy().text())))
                        .toList();
        return new Judged(checks, Optional.empty());
    }

    private static String whyAccepted(Rejection finding, TrustPolicy policy) {
        return finding.reason() == Reason.REVOCATION_UNKNOWN
                        && policy.revocation().mode() == Revocation.Mode.SOFT_FAIL
                ? "tls.revocation.mode is soft-fail"
                : "tls.validation is " + policy.validation().text();
    }

    /** The remedy when no anchor of ours matches the issuer of the last certificate: perhaps the server forgot to send an intermediate. */
    private static Optional<String> missing(Rejection finding, Chain chain, ChainVerifier verifier) {
        X509Certificate last = chain.certificates().get(chain.certificates().size() - 1);
        X500Principal issuer = last.getIssuerX500Principal();
        boolean isSelfIssued = issuer.equals(last.getSubjectX500Principal());
        boolean isAnchor = verifier.policy().anchors().certificates().stream()
                .anyMatch(anchor -> anchor.getSubjectX500Principal().equals(issuer));
        if (finding.reason() != Reason.UNTRUSTED_ISSUER
                || finding.tolerance().isPresent()
                || isSelfIssued
                || isAnchor) {
            return Optional.empty();
        }
        return Optional.of("the server sends " + chain.certificates().size()
                + " certificate(s) and none of " + text(issuer)
                + ". If that is an intermediate below one of our trust"
                + " anchors, have the server send it (tls.crt: leaf first, then intermediates); if it is another"
                + " authority, and to be trusted, get its ca.crt and name it in "
                + Remedy.of(Setting.TRUST_ANCHORS) + " beside our own");
    }

    /** Compares the authorities that the server asks for with the issuer of our certificate. */
    static Check asked(TlsProbe probe, Credential own, boolean serverIsAccepted) {
        if (!probe.asksForCertificate()) {
            return Check.failed(
                    Step.CLIENT_CERTIFICATE,
                    "the server does not ask for a certificate, so it cannot know who we are",
                    "require client certificates on the server; if a proxy or load balancer terminates TLS in front of"
                            + " it"
                            + (serverIsAccepted ? "" : " (a certificate we do not know points that way)")
                            + ", have it pass TLS through");
        }
        List<X500Principal> authorities = probe.authorities();
        X509Certificate last =
                own.chain().certificates().get(own.chain().certificates().size() - 1);
        String ours = text(last.getIssuerX500Principal());
        if (authorities.isEmpty()) {
            return Check.ok(Step.CLIENT_CERTIFICATE, "asked for, of any authority; ours is from " + ours);
        }
        boolean matches = own.chain().certificates().stream()
                .anyMatch(certificate -> authorities.contains(certificate.getIssuerX500Principal()));
        String named = authorities.stream().map(Certificates::text).collect(Collectors.joining("; "));
        return matches
                ? Check.ok(Step.CLIENT_CERTIFICATE, "asked for, of " + named + "; ours is from " + ours)
                : Check.warning(
                        Step.CLIENT_CERTIFICATE,
                        "asked for, of " + named + "; ours is from " + ours,
                        "present a credential of one of those (" + Remedy.of(Setting.CREDENTIAL)
                                + "), or have the server trust ours");
    }

    /** The remedy for a refusal of our certificate. */
    static String remedyFor(HandshakeFailure refusal, Credential own) {
        String alert = refusal instanceof HandshakeFailure.RefusedByPeer refused ? refused.alert() : "";
        return switch (alert) {
            case "unknown_ca" ->
                "have the server's operator name our ca.crt in its tls.trust-anchors, or present a certificate from its"
                        + " authority (" + Remedy.of(Setting.CREDENTIAL) + ")";
            case "certificate_expired" ->
                own.remedy(Remedy.of(Act.on(Verb.RENEW, own.name())))
                        .then("; if it is valid by our clock, compare the clocks")
                        .text();
            case "certificate_revoked" ->
                own.remedy(Remedy.of(Act.on(Verb.REKEY, own.name())))
                        .then(" if the revocation was a mistake")
                        .text();
            case "certificate_required" -> "name our credential with " + Remedy.of(Setting.CREDENTIAL);
            default -> "look up the reason in the server's audit log, by the connection above";
        };
    }

    private static String describe(Chain chain, InstantSource clock) {
        X509Certificate leaf = chain.leaf();
        int more = chain.certificates().size() - 1;
        Duration left = Duration.between(clock.instant(), leaf.getNotAfter().toInstant());
        return text(leaf.getSubjectX500Principal()) + " from " + text(leaf.getIssuerX500Principal()) + ", expires in "
                + text(left)
                + (more == 0 ? "" : ", sent with " + more + (more == 1 ? " intermediate" : " intermediates"));
    }

    /** How far a clock would have to be off to explain it. */
    private static String apart(Rejection finding, InstantSource clock) {
        Instant boundary = finding instanceof UseRejection.Expired expired
                ? expired.notAfter()
                : finding instanceof UseRejection.NotYetValid early ? early.notBefore() : clock.instant();
        Duration apart = Duration.between(clock.instant(), boundary).abs();
        return apart.toMinutes() == 0 ? "" : ", " + text(apart) + " away from our clock";
    }

    static String text(Duration duration) {
        if (duration.toDays() >= 3) {
            return duration.toDays() + " days";
        }
        if (duration.toMinutes() == 0) {
            return Math.max(1, duration.toSeconds()) + " s";
        }
        return duration.toHours() >= 3
                ? duration.toHours() + " hours"
                : Printable.count(duration.toMinutes(), "minute");
    }

    private static String text(X500Principal name) {
        return Printable.clean(name.getName());
    }
}
