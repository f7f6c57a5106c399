// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.ServerName;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Verdict;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts a presented chain before the verifier, in the role our side gives it.
 *
 * @param expected the server's name where it is not the host that was dialled; looked at by clients only
 */
public record PeerJudge(Side side, ChainVerifier verifier, Optional<Identity> expected) {

    /**
     * Judges by the policy in force now.
     *
     * @param host the host that was dialled; looked at by clients only
     * @throws RefusedPeerException when the verifier rejects the chain, or it does not parse
     */
    public Peer judge(Certificate @Nullable [] presented, @Nullable String host) throws RefusedPeerException {
        Chain chain = parse(presented);
        Verdict verdict = side == Side.SERVER
                ? verifier.verifyClient(chain)
                : verifier.verifyServer(chain, expected.orElseGet(() -> ServerName.of(host == null ? "" : host)));
        if (verdict instanceof Verdict.Rejected rejected) {
            throw new RefusedPeerException(Optional.of(chain), rejected.findings());
        }
        return ((Verdict.Accepted) verdict).peer();
    }

    /** The trust anchors a server names when it asks for a certificate. */
    public X509Certificate[] advertisedIssuers() {
        return side == Side.SERVER
                ? verifier.advertisedAnchors().toArray(new X509Certificate[0])
                : new X509Certificate[0];
    }

    private static Chain parse(Certificate @Nullable [] presented) throws RefusedPeerException {
        if (presented == null || presented.length == 0) {
            throw new RefusedPeerException(Optional.empty(), List.of(new FormRejection.NoCertificate()));
        }
        List<byte[]> encodings = new ArrayList<>();
        try {
            for (Certificate certificate : presented) {
                encodings.add(certificate.getEncoded());
            }
            return Chain.parse(encodings);
        } catch (CertificateException e) {
            throw new RefusedPeerException(
                    Optional.empty(),
                    List.of(new FormRejection.MalformedCertificate("the peer", String.valueOf(e.getMessage()))));
        }
    }
}
