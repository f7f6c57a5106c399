// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.audit.ConnectionFacts.Tls;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Hellos;
import dev.mcpmtls.tls.handshake.PeerJudge;
import dev.mcpmtls.tls.handshake.RefusedPeerException;
import dev.mcpmtls.tls.handshake.ServerTrustManager;
import dev.mcpmtls.trust.ChainVerifier;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Verifies servers for clients that take an {@code SSLContext}, where nothing but the trust manager sees a handshake; so it keeps the
 * record too. The verifier matches names, whether the client asks for endpoint identification or not.
 */
final class RecordingTrustManager extends ServerTrustManager {

    private final ChainVerifier verifier;
    private final PeerJudge judge;
    private final List<String> versions;
    private final HandshakeLog log;
    private final Hellos hellos;

    /**
     * For one connection, or for several whose hellos are not heard.
     *
     * @param expected the server's identity where it is not the host that is dialled
     * @param versions of TLS, one of which must be spoken
     */
    RecordingTrustManager(
            ChainVerifier verifier,
            Optional<Identity> expected,
            List<String> versions,
            HandshakeLog log,
            Hellos hellos) {
        this.verifier = verifier;
        this.judge = new PeerJudge(Side.CLIENT, verifier, expected);
        this.versions = List.copyOf(versions);
        this.log = log;
        this.hellos = hellos;
    }

    @Override
    protected void check(X509Certificate[] chain, @Nullable SSLSession handshake) throws CertificateException {
        if (handshake == null) {
            throw unnamed();
        }
        String host = named(handshake);
        ConnectionFacts facts = new ConnectionFacts(
                hellos.id(),
                Side.CLIENT,
                InetSocketAddress.createUnresolved(host, Math.max(handshake.getPeerPort(), 0)),
                Optional.of(new Tls(handshake.getProtocol(), handshake.getCipherSuite(), false)));
        requireVersion(handshake.getProtocol(), facts);
        try {
            var unused = log.accepted(facts, judge.judge(chain, host));
        } catch (RefusedPeerException refused) {
            log.failed(facts, new HandshakeFailure.PeerRefused(refused.presented(), refused.findings()));
            throw refused;
        }
    }

    /** The server name that the client indicates, which is the one it wants to speak to; else the host it has dialled. */
    private static String named(SSLSession handshake) throws CertificateException {
        if (handshake instanceof ExtendedSSLSession extended) {
            Optional<String> indicated = extended.getRequestedServerNames().stream()
                    .filter(SNIHostName.class::isInstance)
                    .map(name -> ((SNIHostName) name).getAsciiName())
                    .findFirst();
            if (indicated.isPresent()) {
                return indicated.get();
            }
        }
        String host = handshake.getPeerHost();
        if (host == null || host.isEmpty()) {
            throw unnamed();
        }
        return host;
    }

    /** Clients enable what versions they like, whatever the context's parameters say. */
    private void requireVersion(String spoken, ConnectionFacts facts) throws CertificateException {
        if (!versions.contains(spoken)) {
            HandshakeFailure failure = new HandshakeFailure.NothingInCommon("the server speaks " + spoken);
            log.failed(facts, failure);
            throw new CertificateException(failure.why());
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return verifier.policy().anchors().certificates().toArray(new X509Certificate[0]);
    }

    private static CertificateException unnamed() {
        return new CertificateException(
                "cannot verify the server: the name that was dialled is not known; have the client pass"
                        + " the host when it makes the socket or the engine, or set a server name (SNI)");
    }
}
