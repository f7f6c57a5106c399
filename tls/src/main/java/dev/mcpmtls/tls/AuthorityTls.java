// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.tls.handshake.PeerJudge;
import dev.mcpmtls.tls.handshake.ServerTrustManager;
import dev.mcpmtls.trust.ChainVerifier;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 to a certification authority: before there is a credential to present, or with one that has expired. Everything else uses a
 * {@link TlsProfile}.
 */
public final class AuthorityTls {

    private AuthorityTls() {}

    /**
     * Puts a connection under a client that presents nothing and verifies nothing. For one purpose: to fetch certificates of authorities
     * that are then checked against a fingerprint (RFC 7030, section 4.1.1). Nothing secret may be sent, and nothing else believed.
     *
     * @return {@code client}
     */
    public static HttpClient.Builder unverified(HttpClient.Builder client) {
        return secure(client, Optional.empty(), new ServerTrust(Optional.empty(), ""));
    }

    /**
     * Puts a connection under a client that verifies the server's chain and its name.
     *
     * @param own the credential to present, expired or not; empty to present none
     * @param host the host that is dialled
     * @return {@code client}
     */
    public static HttpClient.Builder verified(
            HttpClient.Builder client, Optional<Credential> own, ChainVerifier verifier, String host) {
        PeerJudge judge = new PeerJudge(Side.CLIENT, verifier, Optional.empty());
        return secure(client, own, new ServerTrust(Optional.of(judge), host));
    }

    private static HttpClient.Builder secure(HttpClient.Builder client, Optional<Credential> own, TrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = own.map(credential -> new KeyManager[] {new CredentialKeyManager(credential)})
                    .orElseGet(() -> new KeyManager[0]);
            context.init(keys, new TrustManager[] {trust}, null);
            SSLParameters parameters = context.getDefaultSSLParameters();
            parameters.setProtocols(TlsVersion.TLS_1_3.andNewer().toArray(new String[0]));
            return client.sslContext(context).sslParameters(parameters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    /** The engine asks this one alone, also about names; without a judge it accepts every chain. */
    private static final class ServerTrust extends ServerTrustManager {

        private final Optional<PeerJudge> judge;
        private final String host;

        ServerTrust(Optional<PeerJudge> judge, String host) {
            this.judge = judge;
            this.host = host;
        }

        @Override
        protected void check(X509Certificate[] chain, @Nullable SSLSession handshake) throws CertificateException {
            if (judge.isPresent()) {
                var unused = judge.get().judge(chain, host);
            }
        }
    }
}
