// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.trust.FormRejection.MalformedCertificate;
import dev.mcpmtls.trust.FormRejection.UnhandledCriticalExtension;
import dev.mcpmtls.trust.KeyRejection.WeakKey;
import dev.mcpmtls.trust.KeyRejection.WeakSignature;
import dev.mcpmtls.trust.PathRejection.UntrustedIssuer;
import dev.mcpmtls.trust.UseRejection.Expired;
import dev.mcpmtls.trust.UseRejection.NotYetValid;
import dev.mcpmtls.trust.UseRejection.WrongPurpose;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The checks of one certificate by its place in a chain alone, without its neighbours. */
final class CertificateRules {

    private static final String ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    private static final int MAX_SERIAL_NUMBER_BITS = 159;
    private static final String POLICY_CONSTRAINTS = "2.5.29.36";
    private static final String INHIBIT_ANY_POLICY = "2.5.29.54";

    /** The critical extensions that this package processes, and policies, which the platform's validator processes. */
    private static final Set<String> HANDLED = Set.of(
            "2.5.29.15", // key usage
            "2.5.29.17", // subject alternative name
            "2.5.29.19", // basic constraints
            "2.5.29.30", // name constraints
            "2.5.29.32", // certificate policies
            "2.5.29.33", // policy mappings
            POLICY_CONSTRAINTS,
            "2.5.29.37", // extended key usage
            INHIBIT_ANY_POLICY);

    private final Purpose purpose;
    private final Instant now;

    CertificateRules(Purpose purpose, Instant now) {
        this.purpose = purpose;
        this.now = now;
    }

    /** The findings about a certificate in the leaf's place. */
    List<Rejection> leaf(ParsedCertificate leaf) {
        List<Rejection> findings = anywhere(leaf);
        serialNumber(leaf, findings);
        signedByNamedKey(leaf, findings);
        if (leaf.isCa()) {
            findings.add(new WrongPurpose(leaf.who(), purpose, "it is a certification authority's own certificate"));
        } else if (leaf.assertsKeyCertSign()) {
            malformed(leaf, "it may sign certificates but is not a certification authority", findings);
        }
        if (!leaf.isCa() && leaf.isPresent("2.5.29.30")) {
            malformed(leaf, "it holds name constraints but is not a certification authority", findings);
        }
        if (!leaf.allowsDigitalSignature()) {
            findings.add(new WrongPurpose(leaf.who(), purpose, "its key usage does not include digitalSignature"));
        }
        extendedKeyUsage(leaf, findings);
        subject(leaf, findings);
        spiffe(leaf, findings);
        return findings;
    }

    /** The findings about a certificate that issued another: an intermediate, or the trust anchor. */
    List<Rejection> issuer(ParsedCertificate issuer, boolean anchor) {
        List<Rejection> findings = anywhere(issuer);
        if (!anchor) {
            serialNumber(issuer, findings);
            signedByNamedKey(issuer, findings);
        } else if (issuer.isSelfIssued() && !issuer.carriesItsOwnSignature()) {
            findings.add(new KeyRejection.BadSignature(issuer.who(), issuer.issuerText()));
        }
        if (!issuer.isCa() || !issuer.allowsKeyCertSign()) {
            untrusted(issuer, "it is not a certification authority that may sign certificates", findings);
        } else if (!issuer.isCritical("2.5.29.19")) {
            findings.add(new FormRejection.PlainBasicConstraints(issuer.who()));
        }
        if (!issuer.hasSubjectKey()) {
            findings.add(
                    new FormRejection.NoKeyIdentifier(issuer.who(), issuer.issuerText(), "subject key identifier"));
        }
        extendedKeyUsage(issuer, findings);
        return findings;
    }

    private List<Rejection> anywhere(ParsedCertificate certificate) {
        List<Rejection> findings = new ArrayList<>();
        certificate.defects().forEach(defect -> malformed(certificate, defect, findings));
        WellFormed.defects(certificate.names()).forEach(defect -> malformed(certificate, defect, findings));
        strength(certificate, findings);
        extensions(certificate, findings);
        validity(certificate, findings);
        return findings;
    }

    private static void strength(ParsedCertificate certificate, List<Rejection> findings) {
        Strength.weakness(certificate.x509().getPublicKey())
                .ifPresent(weak -> findings.add(new WeakKey(certificate.who(), weak)));
        Strength.weakSignature(certificate.x509())
                .ifPresent(weak -> findings.add(new WeakSignature(certificate.who(), weak)));
    }

    private static void extensions(ParsedCertificate certificate, List<Rejection> findings) {
        Set<String> critical = certificate.x509().getCriticalExtensionOIDs();
        if (critical != null) {
            critical.stream()
                    .filter(oid -> !HANDLED.contains(oid))
                    .forEach(oid -> findings.add(new UnhandledCriticalExtension(certificate.who(), oid)));
        }
        for (String oid : List.of(POLICY_CONSTRAINTS, INHIBIT_ANY_POLICY)) {
            if (certificate.isPresent(oid) && !certificate.isCritical(oid)) {
                malformed(certificate, "its extension " + oid + " limits policies but is not critical", findings);
            }
        }
    }

    private void validity(ParsedCertificate certificate, List<Rejection> findings) {
        if (now.isAfter(certificate.notAfter())) {
            findings.add(new Expired(certificate.who(), certificate.notAfter(), now));
        }
        if (now.isBefore(certificate.notBefore())) {
            findings.add(new NotYetValid(certificate.who(), certificate.notBefore(), now));
        }
    }

    private void extendedKeyUsage(ParsedCertificate certificate, List<Rejection> findings) {
        certificate
                .extendedKeyUsage()
                .filter(usages -> !usages.contains(purpose.keyUsageOid()) && !usages.contains(ANY_EXTENDED_KEY_USAGE))
                .ifPresent(usages -> findings.add(new WrongPurpose(
                        certificate.who(),
                        purpose,
                        "its extended key usage is "
                                + usages.stream().map(Purpose::keyUsageName).collect(Collectors.joining(", ")))));
    }

    /** RFC 5280, section 4.2.1.6: without a subject the names must be critical, beside one they should not be. */
    private static void subject(ParsedCertificate leaf, List<Rejection> findings) {
        boolean nameless = leaf.subject().getName().isEmpty();
        if (nameless && !leaf.names().critical()) {
            malformed(leaf, "it has neither a subject nor critical alternative names", findings);
        }
        if (!nameless && leaf.names().critical()) {
            malformed(leaf, "its alternative names are critical although it has a subject", findings);
        }
    }

    /** X509-SVID, sections 2 and 4.3: only authorities have the trust domain's own ID and sign CRLs. */
    private static void spiffe(ParsedCertificate leaf, List<Rejection> findings) {
        if (leaf.names().identity().orElse(null) instanceof SpiffeId id) {
            if (id.path().isEmpty()) {
                malformed(leaf, "its SPIFFE ID has no path and so names a whole trust domain", findings);
            }
            if (leaf.assertsCrlSign()) {
                malformed(leaf, "it has a SPIFFE ID and may sign CRLs", findings);
            }
        }
    }

    /** RFC 5280, section 4.1.2.2. Anchors are exempt: the operator chose them, and some old tools gave them the number 0. */
    private static void serialNumber(ParsedCertificate certificate, List<Rejection> findings) {
        BigInteger serialNumber = certificate.x509().getSerialNumber();
        if (serialNumber.signum() <= 0 || serialNumber.bitLength() > MAX_SERIAL_NUMBER_BITS) {
            malformed(certificate, "its serial number is not positive or longer than 20 octets", findings);
        }
    }

    /** RFC 5280, section 4.2.1.1: only a key that signed itself may be unnamed. */
    private static void signedByNamedKey(ParsedCertificate certificate, List<Rejection> findings) {
        boolean isSelfSigned = certificate.isSelfIssued() && certificate.carriesItsOwnSignature();
        if (!certificate.hasAuthorityKey() && !isSelfSigned) {
            findings.add(new FormRejection.NoKeyIdentifier(
                    certificate.who(), certificate.issuerText(), "authority key identifier"));
        }
    }

    private static void malformed(ParsedCertificate certificate, String defect, List<Rejection> findings) {
        findings.add(new MalformedCertificate(certificate.who(), defect));
    }

    private static void untrusted(ParsedCertificate certificate, String why, List<Rejection> findings) {
        findings.add(new UntrustedIssuer(certificate.who(), certificate.issuerText(), why));
    }
}
