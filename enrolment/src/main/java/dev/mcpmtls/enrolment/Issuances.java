// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a chain and trust anchors from a certificate and those of its authority, and checks them before they are used. */
final class Issuances {

    private static final int LONGEST = 8;

    private Issuances() {}

    /** The self-signed authorities: the trust anchors. */
    static List<X509Certificate> anchors(List<X509Certificate> authorities) {
        return authorities.stream().filter(it -> isSigned(it, it)).distinct().toList();
    }

    /**
     * Checks a new certificate.
     *
     * @param authorities as the server sent them; when no anchor is among them, {@code known} stay
     * @throws EnrolmentException.UnusableAnswer when a strict peer would refuse it
     */
    static Issuance check(
            URI est,
            X509Certificate leaf,
            List<X509Certificate> authorities,
            List<X509Certificate> known,
            InstantSource clock) {
        List<X509Certificate> sent = anchors(authorities);
        TrustAnchors anchors = new TrustAnchors(sent.isEmpty() ? known : sent);
        Chain chain = new Chain(chain(leaf, authorities));
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors), clock);
        Optional<Rejection> fault = fault(verifier.examine(chain, Purpose.CLIENT));
        if (fault.filter(found -> found.reason() == Reason.WRONG_PURPOSE).isPresent()) {
            fault = fault(verifier.examine(chain, Purpose.SERVER));
        }
        fault.ifPresent(found -> {
            throw new EnrolmentException.UnusableAnswer(
                    est, "peers would refuse the certificate (" + found.reason() + "): " + found.explain());
        });
        return new Issuance(chain, anchors);
    }

    private static Optional<Rejection> fault(List<Rejection> findings) {
        return findings.stream()
                .filter(finding -> finding.reason() != Reason.REVOCATION_UNKNOWN)
                .findFirst();
    }

    /** Leaf first, without the anchor. */
    private static List<X509Certificate> chain(X509Certificate leaf, List<X509Certificate> authorities) {
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
        while (chain.size() < LONGEST) {
            X509Certificate last = chain.get(chain.size() - 1);
            Optional<X509Certificate> issuer = authorities.stream()
                    .filter(it -> !chain.contains(it) && isSigned(last, it))
                    .findFirst();
            if (issuer.isEmpty() || isSigned(issuer.get(), issuer.get())) {
                break;
            }
            chain.add(issuer.get());
        }
        return chain;
    }

    private static boolean isSigned(X509Certificate certificate, X509Certificate issuer) {
        try {
            if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                return false;
            }
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
