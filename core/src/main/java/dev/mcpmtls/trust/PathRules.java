// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.PathRejection.InvalidPath;
import dev.mcpmtls.trust.PathRejection.NameConstraintViolated;
import dev.mcpmtls.trust.PathRejection.PathTooLong;
import dev.mcpmtls.trust.PathRejection.UntrustedIssuer;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The checks between neighbours on a path: the limits of issuers, and the platform's second opinion. */
final class PathRules {

    private PathRules() {}

    /** Findings from every issuer on the path, trust anchor included: its limits apply like an intermediate's. */
    static List<Rejection> limits(List<ParsedCertificate> path) {
        List<Rejection> findings = new ArrayList<>();
        for (int i = 1; i < path.size(); i++) {
            pathLength(path, i).ifPresent(findings::add);
            nameConstraints(path, i, findings);
            // The identifiers disagree: the issuer did not mean this key, or not with this certificate.
            if (path.get(i - 1).namesOtherKeyThan(path.get(i))) {
                findings.add(new UntrustedIssuer(
                        path.get(i - 1).who(),
                        path.get(i).subjectText(),
                        "its authority key identifier names another key, or another certificate, of that issuer"));
            }
        }
        return findings;
    }

    /** The number of intermediates that count towards a limit: all but self-issued ones (RFC 5280, section 4.2.1.9). */
    static int countedIntermediates(List<ParsedCertificate> leafAndIntermediates) {
        return (int) leafAndIntermediates.stream()
                .skip(1)
                .filter(certificate -> !certificate.isSelfIssued())
                .count();
    }

    /**
     * The platform's own validator, as a second opinion; it also processes certificate policies. Our own code checks name
     * constraints.
     */
    static Optional<Rejection> platformObjection(List<ParsedCertificate> path, Instant now) {
        ParsedCertificate anchor = path.get(path.size() - 1);
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor.x509(), null)));
            parameters.setRevocationEnabled(false); // Revocation checks revocation
            parameters.setDate(Date.from(now));
            List<X509Certificate> certificates = new ArrayList<>();
            for (ParsedCertificate certificate : path.subList(0, path.size() - 1)) {
                certificates.add(PlatformView.of(certificate));
            }
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(certificates), parameters);
            return Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) {
            String objection = Printable.clean(String.valueOf(e.getMessage()));
            return Optional.of(new InvalidPath(path.get(0).who(), path.get(0).issuerText(), objection));
        }
    }

    private static Optional<Rejection> pathLength(List<ParsedCertificate> path, int i) {
        ParsedCertificate issuer = path.get(i);
        int below = countedIntermediates(path.subList(0, i));
        return issuer.pathLength().isPresent() && below > issuer.pathLength().getAsInt()
                ? Optional.of(new PathTooLong(issuer.who(), issuer.pathLength().getAsInt()))
                : Optional.empty();
    }

    private static void nameConstraints(List<ParsedCertificate> path, int i, List<Rejection> findings) {
        ParsedCertificate issuer = path.get(i);
        issuer.nameConstraints().ifPresent(constraints -> {
            for (int below = 0; below < i; below++) {
                ParsedCertificate subject = path.get(below);
                if (below > 0 && subject.isSelfIssued()) {
                    continue; // RFC 5280, section 6.1.3 (b)
                }
                constraints
                        .firstViolation(subject)
                        .ifPresent(name ->
                                findings.add(new NameConstraintViolated(subject.who(), name, issuer.subjectText())));
            }
        });
    }
}
