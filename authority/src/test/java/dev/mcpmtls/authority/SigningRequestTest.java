// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.SpiffeId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningRequestTest {

    private static final Grant WEATHER = Grant.server("demo.local", "weather-2");
    private static final GeneralName LOCALHOST = new GeneralName(GeneralName.dNSName, "localhost");

    private final FixedSurroundings fixed = new FixedSurroundings();
    private final KeyPair pair = KeyType.EC_P256.generate(new SecureRandom());

    @TempDir
    Path directory;

    @Test
    void isSignedWithTheGrantedNamesAndItsOwnKey() throws Exception {
        Authority authority = authority();

        Issuance issuance = authority.sign(WEATHER, SigningRequest.parse(request(pair, pair, LOCALHOST)));

        X509Certificate leaf = issuance.chain().leaf();
        assertThat(leaf.getPublicKey()).isEqualTo(pair.getPublic());
        assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=weather-2");
        assertThat(leaf.getSubjectAlternativeNames())
                .contains(List.of(6, "spiffe://demo.local/server/weather-2"), List.of(2, "localhost"));
        assertThat(Store.at(directory.resolve("store")).credentialNames()).doesNotContain("weather-2");
    }

    @Test
    void isRefusedWhenItAsksForMoreThanWasGranted() throws Exception {
        Authority authority = authority();
        SigningRequest request = SigningRequest.parse(
                request(pair, pair, LOCALHOST, new GeneralName(GeneralName.dNSName, "bank.example.com")));

        assertThat(request.names()).containsExactly(new DnsName("localhost"), new DnsName("bank.example.com"));
        assertThatThrownBy(() -> authority.sign(WEATHER, request))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("asks for DNS:bank.example.com, which 'weather-2' is not granted");
        assertThat(authority.issued()).hasSize(4);
    }

    @Test
    void isRefusedWithoutProofOfPossession() throws Exception {
        KeyPair another = KeyType.EC_P256.generate(new SecureRandom());

        assertRefused(request(pair, another, LOCALHOST), "does not prove to hold that key");
    }

    @Test
    void isRefusedWithAWeakKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        KeyPair weak = generator.generateKeyPair();

        assertRefused(request(weak, weak, LOCALHOST), "too weak (RSA 1024)");
    }

    @Test
    void isRefusedForNamesOfAKindThatIsNotIssued() throws Exception {
        GeneralName email = new GeneralName(GeneralName.rfc822Name, "root@example.com");
        GeneralName wildcard = new GeneralName(GeneralName.dNSName, "*.example.com");
        GeneralName web = new GeneralName(GeneralName.uniformResourceIdentifier, "https://example.com");

        assertRefused(request(pair, pair, email), "neither a SPIFFE ID, a DNS name nor an IP address");
        assertRefused(request(pair, pair, wildcard), "not a DNS name");
        assertRefused(request(pair, pair, web), "not a SPIFFE ID");
    }

    @Test
    void isRefusedWhenItIsSomethingElse() {
        assertRefused("".getBytes(StandardCharsets.US_ASCII), "no PEM block in it");
        assertRefused(Pem.key(pair.getPrivate()), "this is no certificate request");
        assertRefused(
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
                        .getBytes(StandardCharsets.US_ASCII),
                "cannot be used");
    }

    @Test
    void isRefusedForAKeyThatWasCompromised() throws Exception {
        Authority authority = authority();
        SigningRequest request = SigningRequest.parse(request(pair, pair, LOCALHOST));
        authority.sign(WEATHER, request);
        authority.revoke("weather-2", RevocationReason.KEY_COMPROMISE);

        assertThatThrownBy(() -> authority.sign(WEATHER, request))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("was revoked as compromised");
    }

    @Test
    void mayAskForNoNamesAtAll() throws Exception {
        assertThat(SigningRequest.parse(request(pair, pair)).names()).isEmpty();
        assertThat(WEATHER.names()).contains(new SpiffeId("demo.local", "/server/weather-2"));
    }

    private Authority authority() {
        Store store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        return fixed.open(store);
    }

    private static void assertRefused(byte[] pem, String why) {
        assertThatThrownBy(() -> SigningRequest.parse(pem))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining(why);
    }

    private static byte[] request(KeyPair named, KeyPair signing, GeneralName... names) throws Exception {
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=whatever"), named.getPublic());
        if (names.length > 0) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        var signer = new JcaContentSignerBuilder(KeyType.signatureAlgorithm(signing.getPrivate()))
                .build(signing.getPrivate());
        String body =
                Base64.getMimeEncoder().encodeToString(builder.build(signer).getEncoded());
        return ("-----BEGIN CERTIFICATE REQUEST-----\n" + body + "\n-----END CERTIFICATE REQUEST-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
