// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.PrivateKeys;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests of a machine that joined, or that pretends to be one, for more than it has. */
@Timeout(60)
class ForgeriesIT {

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    private RunningAuthority authority;
    private Credential own;

    @BeforeEach
    void join() {
        authority = new RunningAuthority(here);
        authority.join(there, authority.invite(RunningAuthority.laptop()));
        own = Credential.load(Store.at(there).credential("laptop-7"));
    }

    @AfterEach
    void stop() {
        authority.close();
    }

    @Test
    void aRenewalForOtherNamesIsRefused() throws Exception {
        RequestedKey key = key();
        byte[] asked = request(key, "spiffe://demo.local/agent/coordinator");
        assertThatThrownBy(() -> client(own).reenrol(asked, key.publicKey()))
                .isInstanceOf(EnrolmentException.Refused.class)
                .hasMessageContaining("not granted");
        assertThat(authority.refusals()).containsExactly("REQUEST_REFUSED");

        byte[] same = request(key, "spiffe://demo.local/agent/laptop-7");
        assertThat(client(own).reenrol(same, key.publicKey()).getPublicKey()).isEqualTo(key.publicKey());
    }

    /** Same serial number, subject, issuer and names, signed by a key that has the name of our authority. */
    @Test
    void aForgedCopyOfACertificateIsNotRenewed() throws Exception {
        X509Certificate real = own.chain().leaf();
        RequestedKey forger = key();
        X509Certificate forged = signed(real, real.getPublicKey(), forger);
        assertThatThrownBy(() -> renew(Credential.of("forged", own.privateKey(), new Chain(List.of(forged)))))
                .isInstanceOf(EnrolmentException.Refused.class);
        RequestedKey other = key();
        X509Certificate othersKey = signed(real, other.publicKey(), forger);
        assertThatThrownBy(() -> renew(Credential.of("forged", secret(other), new Chain(List.of(othersKey)))))
                .isInstanceOf(EnrolmentException.Refused.class);
        assertThat(authority.refusals()).containsExactly("CERTIFICATE_UNKNOWN", "CERTIFICATE_UNKNOWN");

        assertThat(renew(own)).isNotNull();
    }

    @Test
    void aCertificateIsNoToken() {
        RequestedKey key = key();
        JoinToken none = new JoinToken(
                authority.uri(),
                authority.invite(RunningAuthority.laptop()).pin(),
                "0000000000",
                new byte[32],
                "laptop-7");
        assertThatThrownBy(() -> client(own).enrol(key.requestLike(own.chain().leaf()), none, key.publicKey()))
                .isInstanceOf(EnrolmentException.Refused.class);
        assertThat(authority.refusals()).containsExactly("INVITATION_UNKNOWN");
    }

    @Test
    void noCertificateIsNoRenewal() {
        RequestedKey key = key();
        EstClient nobody = EstClient.verified(authority.uri(), Optional.empty(), verifier());
        assertThatThrownBy(() -> nobody.reenrol(key.requestLike(own.chain().leaf()), key.publicKey()))
                .isInstanceOf(EnrolmentException.Refused.class)
                .hasMessageContaining("present the certificate to renew");
    }

    private X509Certificate renew(Credential presented) {
        RequestedKey key = key();
        return client(presented).reenrol(key.requestLike(own.chain().leaf()), key.publicKey());
    }

    private EstClient client(Credential presented) {
        return EstClient.verified(authority.uri(), Optional.of(presented), verifier());
    }

    private ChainVerifier verifier() {
        TrustAnchors anchors = TrustAnchors.load(authority.anchors());
        return new ChainVerifier(TrustPolicy.strict(anchors), authority.clock);
    }

    private static RequestedKey key() {
        return RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
    }

    private static PrivateKey secret(RequestedKey key) {
        return PrivateKeys.parse(Path.of("tls.key"), key.pem(), new char[0]);
    }

    private static byte[] request(RequestedKey key, String name) throws Exception {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, name)));
        var builder = new JcaPKCS10CertificationRequestBuilder(
                new javax.security.auth.x500.X500Principal("CN=laptop-7"), key.publicKey());
        builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(secret(key)))
                .getEncoded();
    }

    private static X509Certificate signed(X509Certificate like, java.security.PublicKey of, RequestedKey forger)
            throws Exception {
        var builder = new JcaX509v3CertificateBuilder(
                like.getIssuerX500Principal(),
                like.getSerialNumber(),
                like.getNotBefore(),
                like.getNotAfter(),
                like.getSubjectX500Principal(),
                of);
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(secret(forger))));
    }
}
