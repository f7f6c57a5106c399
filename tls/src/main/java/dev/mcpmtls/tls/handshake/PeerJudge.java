// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts a presented chain before the verifier, in the role our side gives it.
 *
 * @param expected the server's name where it is not the host that was dialled; looked at by clients only
 */
public record PeerJudge(Side side, ChainVerifier verifier, Optional<Identity> expected) {

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");

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
                : verifier.verifyServer(chain, expected.orElseGet(() -> named(host)));
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

    private static Identity named(@Nullable String host) {
        String name = host == null ? "" : host.replaceAll("^\\[|]$", "");
        try {
            if (IPV4.matcher(name).matches()) {
                return new IpAddress(InetAddress.getByName(name));
            }
            // In brackets it is never looked up.
            return name.contains(":") ? new IpAddress(InetAddress.getByName("[" + name + "]")) : DnsName.parse(name);
        } catch (UnknownHostException noAddress) {
            return DnsName.parse(name);
        }
    }
}
