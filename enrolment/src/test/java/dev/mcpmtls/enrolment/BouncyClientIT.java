// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.est.ESTException;
import org.bouncycastle.est.ESTService;
import org.bouncycastle.est.HttpAuth;
import org.bouncycastle.est.jcajce.JsseDefaultHostnameAuthorizer;
import org.bouncycastle.est.jcajce.JsseESTServiceBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** BouncyCastle's EST client against our server. */
@Timeout(60)
class BouncyClientIT {

    @TempDir
    private Path here;

    @Test
    void enrolsAndRenews() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here, Hierarchy.INTERMEDIATE, Duration.ofSeconds(5))) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            ESTService first = service(authority).build();
            assertThat(first.getCACerts().getCertificateStore().getMatches(null))
                    .hasSize(2);
            assertThat(first.getCSRAttributes().getAttributesResponse().isEmpty())
                    .isFalse();

            RequestedKey key = RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
            X509Certificate leaf = leaf(first.simpleEnroll(false, request(key), auth(token))
                    .getStore()
                    .getMatches(null));
            assertThat(leaf.getPublicKey()).isEqualTo(key.publicKey());
            assertThat(leaf.getSubjectX500Principal()).isEqualTo(new X500Principal("CN=laptop-7"));

            RequestedKey next = RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
            JsseESTServiceBuilder presenting = service(authority);
            presenting.withKeyManager(keyManagers(key, leaf)[0]);
            X509Certificate renewed = leaf(presenting
                    .build()
                    .simpleEnroll(true, new PKCS10CertificationRequest(next.requestLike(leaf)), null)
                    .getStore()
                    .getMatches(null));
            assertThat(renewed.getPublicKey()).isEqualTo(next.publicKey());
            assertThat(List.copyOf(renewed.getSubjectAlternativeNames()))
                    .isEqualTo(List.copyOf(leaf.getSubjectAlternativeNames()));
        }
    }

    @Test
    void isRefusedWithAnotherSecretAndWithoutACertificate() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            JoinToken guess = new JoinToken(token.authority(), token.pin(), token.id(), new byte[32], "laptop-7");
            RequestedKey key = RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
            ESTService service = service(authority).build();

            assertThatThrownBy(() -> service.simpleEnroll(false, request(key), auth(guess)))
                    .isInstanceOf(ESTException.class);
            assertThatThrownBy(() -> service.simpleEnroll(true, request(key), null))
                    .isInstanceOf(ESTException.class);
            assertThat(authority.authority.issued()).hasSize(1);
        }
    }

    private static HttpAuth auth(JoinToken token) {
        return new HttpAuth(token.id(), token.password().toCharArray());
    }

    private static PKCS10CertificationRequest request(RequestedKey key) throws Exception {
        return new PKCS10CertificationRequest(key.request(new X500Principal("CN=laptop-7")));
    }

    private static X509Certificate leaf(Collection<X509CertificateHolder> holders) throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(holders.iterator().next());
    }

    private static JsseESTServiceBuilder service(RunningAuthority authority) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry(
                "ca", TrustAnchors.load(authority.anchors()).certificates().get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        JsseESTServiceBuilder builder = new JsseESTServiceBuilder(
                "localhost", authority.uri().getPort(), (X509TrustManager) trust.getTrustManagers()[0]);
        builder.withTLSVersion("TLSv1.3");
        builder.withTimeout(15_000);
        builder.withHostNameAuthorizer(new JsseDefaultHostnameAuthorizer(Set.of()));
        return builder;
    }

    private static javax.net.ssl.KeyManager[] keyManagers(RequestedKey key, X509Certificate leaf) throws Exception {
        PrivateKey secret = dev.mcpmtls.identity.PrivateKeys.parse(Path.of("tls.key"), key.pem(), new char[0]);
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("own", secret, new char[0], new Certificate[] {leaf});
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[0]);
        return keys.getKeyManagers();
    }
}
