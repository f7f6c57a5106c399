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
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

        assertRefused(request(weak, weak, LOCALHOST), "(RSA 1024); use EC P-256");
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
        assertRefused("".getBytes(StandardCharsets.US_ASCII), "there is no certificate request");
        assertRefused(Pem.key(pair.getPrivate(), pair.getPublic()), "there is no certificate request");
        assertRefused(
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
                        .getBytes(StandardCharsets.US_ASCII),
                "cannot be used");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void mayBeginWithAByteOrderMark(String charset) throws Exception {
        String text = new String(request(pair, pair), StandardCharsets.US_ASCII);

        assertRead(("\ufeff" + text).getBytes(charset));
        assertRead(text.getBytes(charset));
        assertRead(("some text\n\n\ufeff" + text + "more text\n").getBytes(charset));
    }

    @Test
    void mayHaveAnyOfTheUsualForms() throws Exception {
        String text = new String(request(pair, pair), StandardCharsets.US_ASCII);

        assertRead(text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        assertRead(
                text.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST").getBytes(StandardCharsets.US_ASCII));
        assertRead(text.indent(4).getBytes(StandardCharsets.US_ASCII));
        assertRead((new String(Pem.key(pair.getPrivate(), pair.getPublic()), StandardCharsets.US_ASCII) + text)
                .getBytes(StandardCharsets.US_ASCII));
        assertRead(Base64.getMimeDecoder().decode(text.replaceAll("-----.*-----", "")));
    }

    @Test
    void isRefusedWhenThereAreTwo() throws Exception {
        byte[] one = request(pair, pair);
        byte[] two = Arrays.copyOf(one, 2 * one.length);
        System.arraycopy(one, 0, two, one.length, one.length);

        assertRefused(two, "there are 2 certificate requests");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, SHA256withRSAandMGF1",
        "RSA, SHA512withRSAandMGF1",
        "RSASSA-PSS, SHA256withRSAandMGF1",
        "Ed25519, Ed25519",
        "Ed448, Ed448"
    })
    void mayBeSignedInAnyWayThatProvesPossession(String key, String signature) throws Exception {
        KeyPair ours = keys(key);

        assertThat(SigningRequest.parse(request(ours, ours, signature)).key()).isEqualTo(ours.getPublic());
        assertRefused(request(ours, keys(key), signature), "does not prove to hold that key");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, SHA1withRSA",
        "RSA, MD5withRSA",
        "RSA, SHA1withRSAandMGF1",
        "EC, SHA1withECDSA",
        "RSA, RIPEMD160withRSA",
        "RSA, RIPEMD256withRSA"
    })
    void isRefusedWhenItsHashIsBroken(String key, String signature) throws Exception {
        KeyPair ours = keys(key);

        assertRefused(request(ours, ours, signature), "signed with a broken hash");
    }

    @Test
    void isRefusedInWordsWhateverItHolds() throws Exception {
        byte[] good = Base64.getMimeDecoder()
                .decode(new String(request(pair, pair, LOCALHOST), StandardCharsets.US_ASCII)
                        .replaceAll("-----.*-----", ""));
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x55;
            try {
                SigningRequest.parse(bad);
            } catch (AuthorityException.Refused e) {
                assertThat(e.getMessage()).doesNotContainPattern("Exception|java\\.|bouncycastle|\\p{Cntrl}");
            }
        }
    }

    @Test
    void isRefusedForAnAlgorithmThatIsNotKnown() throws Exception {
        KeyPair x25519 = KeyPairGenerator.getInstance("X25519").generateKeyPair();

        assertRefused(request(x25519, keys("Ed25519"), "Ed25519"), "of an unsupported kind (XDH)");

        var unknown =
                new SubjectPublicKeyInfo(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.3.4.5")), new byte[32]);
        var signer =
                new JcaContentSignerBuilder("Ed25519").build(keys("Ed25519").getPrivate());
        assertRefused(
                new PKCS10CertificationRequestBuilder(new X500Name("CN=x"), unknown)
                        .build(signer)
                        .getEncoded(),
                "an unsupported kind (algorithm 1.2.3.4.5)");
    }

    private static void assertRead(byte[] file) {
        assertThat(SigningRequest.parse(file).names()).isEmpty();
    }

    private static KeyPair keys(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.startsWith("RSA")) {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
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
        return request(named, signing, KeyType.signatureAlgorithm(signing.getPrivate()), names);
    }

    private static byte[] request(KeyPair named, KeyPair signing, String algorithm, GeneralName... names)
            throws Exception {
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=whatever"), named.getPublic());
        if (names.length > 0) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        var signer = new JcaContentSignerBuilder(algorithm)
                .setProvider(new BouncyCastleProvider())
                .build(signing.getPrivate());
        String body =
                Base64.getMimeEncoder().encodeToString(builder.build(signer).getEncoded());
        return ("-----BEGIN CERTIFICATE REQUEST-----\n" + body + "\n-----END CERTIFICATE REQUEST-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
