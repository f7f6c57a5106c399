// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The trust anchors of one verifier and their files. */
record AnchorFiles(ChainVerifier verifier, AnchorSource source, InstantSource clock) implements TrustFiles.Source {

    private static final Logger LOG = LoggerFactory.getLogger(AnchorFiles.class);

    @Override
    public String name() {
        return "trust anchors " + source.files();
    }

    @Override
    public String contents() {
        return verifier.policy().anchors().sets().stream()
                .map(set -> set + ": "
                        + set.edition().map(edition -> edition + "; ").orElse("")
                        + set.certificates().stream()
                                .map(anchor -> "serial number "
                                        + anchor.getSerialNumber().toString(16) + ", expires "
                                        + anchor.getNotAfter().toInstant())
                                .collect(Collectors.joining("; ")))
                .collect(Collectors.joining("; "));
    }

    @Override
    public boolean takeIntoUse() {
        TrustAnchors next = source.load();
        if (next.equals(verifier.policy().anchors())) {
            return false;
        }
        Instant now = clock.instant();
        if (next.certificates().stream().noneMatch(certificate -> canAnchor(certificate, now))) {
            throw new UnusableCredentialException(
                    source.files()
                            + " hold no certificate of an authority that is valid now, so every peer would be rejected; restore the files");
        }
        verifier.policy().anchors().sets().forEach(last -> next.sets().forEach(set -> requireNoOlder(set, last)));
        verifier.changePolicy(policy -> policy.withAnchors(next));
        verifier.anchorsToBind().forEach(set -> LOG.warn("{}; {}", set.needsBinding(), set.lineToBind()));
        return true;
    }

    /** An older bundle would bring back roots that its authority has withdrawn. */
    private static void requireNoOlder(AnchorSet next, AnchorSet last) {
        long before = sequence(last);
        if (next.source().equals(last.source())
                && sequence(next) < before
                && next.edition().isPresent()) {
            throw new UnusableCredentialException(
                    "the SPIFFE bundle " + next.source() + " goes back from sequence number "
                            + before + (sequence(next) < 0 ? " to none" : " to " + sequence(next))
                            + "; fetch it again, or restart if that is meant");
        }
    }

    /** Below zero when there is none. */
    private static long sequence(AnchorSet set) {
        return set.edition().map(edition -> edition.sequence().orElse(-1)).orElse(-1L);
    }

    private static boolean canAnchor(X509Certificate certificate, Instant now) {
        return certificate.getBasicConstraints() >= 0
                && !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }
}
