// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.crypto.util.PBKDF2Config;
import org.bouncycastle.crypto.util.PBKDFConfig;
import org.bouncycastle.crypto.util.ScryptConfig;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.jcajce.JcaPKCS8EncryptedPrivateKeyInfoBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong files in the place of {@code tls.key} and {@code tls.crt}, and the messages about them. */
class ForeignKeyTest {

    private static final char[] PASSPHRASE = "open sesame".toCharArray();

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA");
    private final Issued weather = ca.server("weather");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"DES-EDE3-CBC", "AES-128-CBC", "AES-192-CBC", "AES-256-CBC"})
    void namesTheTraditionalEncryptionAndTheCommandThatConvertsIt(String cipher) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(
                    weather.privateKey(),
                    new JcePEMEncryptorBuilder(cipher)
                            .setProvider(new BouncyCastleProvider())
                            .build(PASSPHRASE));
        }
        assertThat(text.toString()).contains("Proc-Type: 4,ENCRYPTED", "DEK-Info: " + cipher);
        assertUnusable(
                text.toString(), "traditional encryption (" + cipher, "openssl pkcs8 -topk8 -v2 aes-256-cbc -in ");
        assertThat(PrivateKeys.isEncrypted(text.toString().getBytes(StandardCharsets.US_ASCII)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"AES-128, 2.16.840.1.101.3.4.1.2", "AES-256, 2.16.840.1.101.3.4.1.42"})
    void readsKeysEncryptedWithAes(String name, String cipher) throws Exception {
        PrivateKey read =
                load(encrypted(new ASN1ObjectIdentifier(cipher), pbkdf2())).privateKey();
        assertThat(read).as(name).isEqualTo(weather.privateKey());
    }

    @Test
    void namesTheEncryptionThatIsNotRead() throws Exception {
        String converts = "openssl pkcs8 -topk8 -v2 aes-256-cbc";
        assertUnusable(encrypted(NISTObjectIdentifiers.id_aes192_CBC, pbkdf2()), "AES-192 with PBKDF2", converts);
        assertUnusable(
                encrypted(NISTObjectIdentifiers.id_aes256_CBC, new ScryptConfig.Builder(16384, 8, 1).build()),
                "AES-256 with scrypt",
                converts);
        assertUnusable(encrypted(PKCSObjectIdentifiers.des_EDE3_CBC, pbkdf2()), "triple DES with PBKDF2", converts);
    }

    @ParameterizedTest
    @CsvSource({
        "CERTIFICATE, 'a certificate, which belongs in tls.crt'",
        "PUBLIC KEY, a public key",
        "RSA PUBLIC KEY, a public key",
        "CERTIFICATE REQUEST, a certificate request",
        "NEW CERTIFICATE REQUEST, a certificate request",
        "X509 CRL, a revocation list"
    })
    void saysWhatIsThereInsteadOfAKey(String label, String what) throws IOException {
        assertUnusable(Issued.pem(label, new byte[] {0x30, 0}), what);
    }

    @Test
    void namesFormatsOfOtherPrograms() throws IOException {
        assertUnusable(
                Issued.pem("OPENSSH PRIVATE KEY", "openssh-key-v1".getBytes(StandardCharsets.US_ASCII)),
                "ssh-keygen -p -m PKCS8");
        assertUnusable("PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\nEncryption: none\n", "PuTTY", "puttygen");
        assertUnusable(Issued.pem("ANY PRIVATE KEY", new byte[] {0x30, 0}), "ANY PRIVATE KEY");
        assertUnusable(
                new String(weather.privateKey().getEncoded(), StandardCharsets.ISO_8859_1), "it is DER", "-inform DER");
    }

    @Test
    void namesKeysThatTlsDoesNotKnow() throws Exception {
        PrivateKey dsa = Keys.dsa().getPrivate();
        assertUnusable(Issued.pem("PRIVATE KEY", dsa.getEncoded()), "a DSA key");
        assertUnusable(Issued.pem("DSA PRIVATE KEY", new byte[] {0x30, 0}), "a DSA key");
        String brainpool = "3042020100301406072a8648ce3d020106092b2403030208010107042730250201010420" + "11".repeat(32);
        assertUnusable(
                Issued.pem("PRIVATE KEY", java.util.HexFormat.of().parseHex(brainpool)),
                "EC private key",
                "another curve");
        PrivateKey x25519 = java.security.KeyPairGenerator.getInstance("X25519")
                .generateKeyPair()
                .getPrivate();
        assertUnusable(
                Issued.pem("PRIVATE KEY", x25519.getEncoded()), "neither RSA, EC nor EdDSA (algorithm 1.3.101.110)");
    }

    @Test
    void namesDamage() throws IOException {
        String good = Issued.pem("PRIVATE KEY", weather.privateKey().getEncoded());
        assertThat(load(good).privateKey()).isEqualTo(weather.privateKey());
        assertUnusable(good.substring(0, 100), "its PEM block is cut off");
        assertUnusable(good.replaceFirst("(?s)\n.{20}", "\n"), "is damaged");
        assertUnusable(Issued.pem("PRIVATE KEY", new byte[] {0x30, 0}), "is damaged");
        assertUnusable(Issued.pem("EC PRIVATE KEY", inner()), "does not name its curve", "-param_enc named_curve");
        assertUnusable(Issued.pem("ENCRYPTED PRIVATE KEY", new byte[] {0x30, 0}), "is damaged");
        assertUnusable("", "holds no private key in PEM");
    }

    @Test
    void saysWhatIsThereInsteadOfACertificate() throws IOException {
        Path location = weather.writeTo(directory, null);
        Path chain = location.resolve("tls.crt");
        Files.writeString(chain, Issued.pem("PRIVATE KEY", new byte[] {0x30, 0}));
        assertThatThrownBy(() -> Credential.load(location)).hasMessageContainingAll("tls.crt", "tls.key", "swapped");
        Files.writeString(chain, Issued.pem("CERTIFICATE REQUEST", new byte[] {0x30, 0}));
        assertThatThrownBy(() -> Credential.load(location)).hasMessageContaining("an authority has to sign first");
        Files.writeString(chain, "");
        assertThatThrownBy(() -> Credential.load(location)).hasMessageContaining("it is empty");
        Files.writeString(chain, "hello");
        assertThatThrownBy(() -> Credential.load(location))
                .hasMessageContaining("holds no certificate; PEM is expected");
    }

    @Test
    void tellsTheRuleThatACertificateBreaks() throws Exception {
        Issued nameless = ca.server("weather", spec -> spec.subject("").alternativeNames(true));
        assertThat(Credential.load(nameless.writeTo(directory, null)).chain().leaf())
                .isEqualTo(nameless.leaf());
        byte[] encoding = nameless.leaf().getEncoded();
        String hex = java.util.HexFormat.of().formatHex(encoding);
        byte[] plain = java.util.HexFormat.of().parseHex(hex.replace("0603551d110101ff", "0603551d11010100"));
        Files.writeString(directory.resolve("tls.crt"), Issued.pem("CERTIFICATE", plain));
        assertThatThrownBy(() -> Credential.load(directory))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContainingAll("tls.crt", "critical when subject field is empty")
                .hasMessageNotContainingAny("damaged", "Exception");
        Files.writeString(directory.resolve("tls.crt"), Issued.pem("CERTIFICATE", new byte[] {0x30, 0}));
        assertThatThrownBy(() -> Credential.load(directory)).hasMessageNotContaining("Exception");
    }

    @Test
    void aCertificateThatMayNotSignIsNotLoaded() {
        for (int usage : List.of(KeyUsage.keyEncipherment | KeyUsage.dataEncipherment, KeyUsage.keyAgreement)) {
            Issued spoilt = ca.server("weather", spec -> spec.keyUsage(usage));
            Path location = spoilt.writeTo(directory, null);
            assertThatThrownBy(() -> Credential.load(location))
                    .isInstanceOf(UnusableCredentialException.class)
                    .hasMessageContainingAll(location.resolve("tls.crt").toString(), "digitalSignature", "RFC 8446");
            Path file = spoilt.writePkcs12(directory.resolve("x.p12"), "open sesame");
            assertThatThrownBy(() -> Credential.load(file, PASSPHRASE))
                    .hasMessageContainingAll("x.p12", "digitalSignature");
        }
        Issued good = ca.server("weather", spec -> spec.keyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
        assertThat(Credential.load(good.writeTo(directory, null)).name()).isNotEmpty();
        Issued without = ca.server("weather", spec -> spec.without("2.5.29.15"));
        assertThat(Credential.load(without.writeTo(directory, null)).name()).isNotEmpty();
    }

    private static PBKDFConfig pbkdf2() {
        return new PBKDF2Config.Builder()
                .withIterationCount(2048)
                .withPRF(PBKDF2Config.PRF_SHA256)
                .build();
    }

    private String encrypted(ASN1ObjectIdentifier cipher, PBKDFConfig derivation) throws Exception {
        OutputEncryptor encryptor = new JcePKCSPBEOutputEncryptorBuilder(derivation, cipher)
                .setProvider(new BouncyCastleProvider())
                .build(PASSPHRASE);
        return Issued.pem(
                "ENCRYPTED PRIVATE KEY",
                new JcaPKCS8EncryptedPrivateKeyInfoBuilder(weather.privateKey())
                        .build(encryptor)
                        .getEncoded());
    }

    private byte[] inner() throws IOException {
        return PrivateKeyInfo.getInstance(weather.privateKey().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
    }

    private void assertUnusable(String key, String... said) throws IOException {
        assertThatThrownBy(() -> load(key))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining(directory.toRealPath().resolve("tls.key").toString())
                .hasMessageContainingAll(said)
                .hasMessageNotContaining("Exception");
    }

    private Credential load(String key) throws IOException {
        weather.writeTo(directory, null);
        Files.writeString(directory.resolve("tls.key"), key, StandardCharsets.ISO_8859_1);
        return Credential.load(directory, PASSPHRASE);
    }
}
