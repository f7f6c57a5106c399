// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** The trust anchors of one verifier and their files. */
record AnchorFiles(ChainVerifier verifier, List<Path> files, InstantSource clock) implements TrustFiles.Source {

    @Override
    public String name() {
        return "trust anchors " + files;
    }

    @Override
    public String contents() {
        return verifier.policy().anchors().certificates().stream()
                .map(anchor -> "serial number " + anchor.getSerialNumber().toString(16) + ", expires "
                        + anchor.getNotAfter().toInstant())
                .collect(Collectors.joining("; "));
    }

    @Override
    public boolean takeIntoUse() {
        TrustAnchors next =
                TrustAnchors.load(files.get(0), files.subList(1, files.size()).toArray(new Path[0]));
        if (next.equals(verifier.policy().anchors())) {
            return false;
        }
        Instant now = clock.instant();
        if (next.certificates().stream().noneMatch(certificate -> canAnchor(certificate, now))) {
            throw new UnusableCredentialException(
                    files + " hold no certificate of an authority that is valid now; nobody would be accepted");
        }
        verifier.changePolicy(policy -> policy.withAnchors(next));
        return true;
    }

    private static boolean canAnchor(X509Certificate certificate, Instant now) {
        return certificate.getBasicConstraints() >= 0
                && !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }
}
