// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CredentialTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA");
    private final Issued weather = ca.intermediate("Team CA").server("weather");

    @TempDir
    private Path directory;

    static Stream<UnaryOperator<CertificateSpec>> keyKinds() {
        return Stream.of(
                spec -> spec,
                spec -> spec.keys(Keys.ec("secp384r1")),
                spec -> spec.keys(Keys.rsa(2048)),
                spec -> spec.keys(Keys.ed25519()));
    }

    @ParameterizedTest
    @MethodSource("keyKinds")
    void loadsADirectoryWithEveryKindOfKey(UnaryOperator<CertificateSpec> kind) {
        Issued issued = ca.server("weather", kind);
        Credential credential = Credential.load(issued.writeTo(directory.resolve("weather"), ca.certificate()));
        assertThat(credential.name()).isEqualTo("weather");
        assertThat(credential.chain().leaf()).isEqualTo(issued.leaf());
        assertThat(credential.privateKey()).isEqualTo(issued.privateKey());
        assertThat(credential.warnings()).isEmpty();
        assertThat(credential.toString()).contains("weather", "redacted");
    }

    @Test
    void keepsTheIntermediatesInOrder() {
        Credential credential = Credential.load(weather.writeTo(directory, null));
        assertThat(credential.chain().certificates()).isEqualTo(weather.chain());
    }

    @Test
    void readsPkcs1AndSec1() throws IOException {
        Issued rsa = ca.server("weather", spec -> spec.keys(Keys.rsa(2048)));
        assertThat(withKey(rsa, "RSA PRIVATE KEY", inner(rsa), new char[0]).privateKey())
                .isEqualTo(rsa.privateKey());
        BigInteger secret = ((ECPrivateKey) weather.privateKey()).getS();
        byte[] withCurve =
                new org.bouncycastle.asn1.sec.ECPrivateKey(256, secret, SECObjectIdentifiers.secp256r1).getEncoded();
        Credential loaded = withKey(weather, "EC PRIVATE KEY", withCurve, new char[0]);
        assertThat(((ECPrivateKey) loaded.privateKey()).getS()).isEqualTo(secret);
    }

    @Test
    void readsTheParameterBlockThatOpensslWritesBeforeAKey() throws IOException {
        weather.writeTo(directory, null);
        String parameters = Issued.pem("EC PARAMETERS", SECObjectIdentifiers.secp256r1.getEncoded());
        Files.writeString(directory.resolve("tls.key"), parameters + Issued.pem("EC PRIVATE KEY", inner(weather)));
        assertThat(Credential.load(directory).privateKey()).isEqualTo(weather.privateKey());
    }

    @Test
    void readsAnEncryptedKeyWithItsPassphraseOnly() throws Exception {
        PemObject encrypted = new JcaPKCS8Generator(
                        weather.privateKey(),
                        new JceOpenSSLPKCS8EncryptorBuilder(org.bouncycastle.openssl.PKCS8Generator.AES_256_CBC)
                                .setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider())
                                .setPassword("open sesame".toCharArray())
                                .build())
                .generate();
        byte[] der = encrypted.getContent();
        assertThat(withKey(weather, encrypted.getType(), der, "open sesame".toCharArray())
                        .privateKey())
                .isEqualTo(weather.privateKey());
        assertThatThrownBy(() -> withKey(weather, encrypted.getType(), der, "wrong".toCharArray()))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("check the passphrase");
        assertThatThrownBy(() -> withKey(weather, encrypted.getType(), der, new char[0]))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("encrypted");
    }

    @Test
    void readsPkcs12WithItsPassphraseOnly() {
        Path file = weather.writePkcs12(directory.resolve("weather.p12"), "open sesame");
        Credential credential = Credential.load(file, "open sesame".toCharArray());
        assertThat(credential.name()).isEqualTo("weather");
        assertThat(credential.chain().certificates()).isEqualTo(weather.chain());
        assertThatThrownBy(() -> Credential.load(file, "wrong".toCharArray()))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void refusesAKeyThatIsNotTheLeafs() {
        weather.writeTo(directory, null);
        new Issued(weather.chain(), Keys.ec().getPrivate()).writeTo(directory, null);
        assertThatThrownBy(() -> Credential.load(directory))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("does not belong")
                .hasMessageEndingWith("replace both together");
        assertThatThrownBy(() -> Credential.of("x", Keys.rsa(2048).getPrivate(), new Chain(weather.chain())))
                .isInstanceOf(UnusableCredentialException.class);
    }

    @Test
    void saysWhenTheLeafIsNotTheFirstOfItsChain() {
        Chain unordered =
                new Chain(List.of(weather.chain().get(1), weather.chain().get(0)));

        assertThatThrownBy(() -> Credential.of("weather", weather.privateKey(), unordered))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("does not belong")
                .hasMessageEndingWith("put that one first");
    }

    @Test
    void namesTheActThatHelpsInAStoreOnly() throws IOException {
        Path store = directory.resolve("store");
        Files.createDirectories(store.resolve("authority"));
        Path inStore = Files.createDirectories(store.resolve("credentials/weather"));
        Path elsewhere = Files.createDirectories(directory.resolve("elsewhere/weather"));

        assertThatThrownBy(() -> Credential.load(inStore))
                .hasMessageEndingWith(
                        "tls.key does not exist; restore it, or have the authority of the credential weather"
                                + " issue it again with a new key");
        assertThatThrownBy(() -> Credential.load(elsewhere))
                .hasMessageEndingWith(
                        "tls.key does not exist; correct the path, or restore it from where it came from");
        assertThatThrownBy(() -> Credential.load(store.resolve("credentials")))
                .hasMessageEndingWith(
                        "tls.key does not exist; correct the path, or restore it from where it came from");
        assertThatThrownBy(() -> Credential.load(inStore.resolveSibling("nobody")))
                .hasMessageEndingWith("have an authority issue the credential nobody, or correct the name");
        assertThatThrownBy(() -> Credential.load(elsewhere.resolveSibling("nobody")))
                .hasMessageEndingWith("; correct the path");
        Files.createSymbolicLink(inStore.resolveSibling("lost"), Path.of(".versions/lost/1"));
        assertThatThrownBy(() -> Credential.load(inStore.resolveSibling("lost")))
                .isInstanceOfSatisfying(
                        UnusableCredentialException.class,
                        lost -> assertThat(lost.remedy())
                                .hasValueSatisfying(remedy ->
                                        assertThat(remedy.acts()).containsExactly(Act.on(Act.Verb.REKEY, "lost"))));
    }

    @Test
    void namesNoActOfAnAuthorityThatIsElsewhere() throws IOException {
        Remedy usual = Remedy.of(Act.on(Act.Verb.REKEY, "weather"));
        Path own = weather.writeTo(directory, null);
        assertThat(Credential.load(own).remedy(usual)).isEqualTo(usual);

        Files.writeString(own.resolve("renewal"), "est: https://ca.example.org:8440\n");
        assertThat(Credential.load(own).remedy(usual).acts()).containsExactly(Act.of(Act.Verb.JOIN));
        Files.delete(own.resolve("tls.key"));
        assertThatThrownBy(() -> Credential.load(own)).hasMessageContaining("ask the operator of its authority");
    }

    @Test
    void refusesAKeyOfAnotherUser() throws Exception {
        weather.writeTo(directory, null);
        Process chown = new ProcessBuilder(
                        "chown", "65534", directory.resolve("tls.key").toString())
                .start();
        assumeTrue(chown.waitFor() == 0);

        assertThatThrownBy(() -> Credential.load(directory))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("it belongs to the user")
                .hasMessageContaining("consider the key stolen");
    }

    @Test
    void refusesMissingDamagedAndOversizedFilesByName() throws IOException {
        assertUnusable("no credential at");
        weather.writeTo(directory, null);
        for (String broken : List.of(
                "",
                "no PEM at all",
                "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END RSA PRIVATE KEY-----",
                "x".repeat(65 * 1024))) {
            Files.writeString(directory.resolve("tls.key"), broken);
            assertUnusable("tls.key");
        }
        weather.writeTo(directory, null);
        Files.writeString(directory.resolve("tls.crt"), "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----");
        assertUnusable("tls.crt");
        Files.delete(directory.resolve("tls.crt"));
        assertUnusable("tls.crt");
    }

    @Test
    void warnsOfAKeyOthersCanReadAndRefusesOneTheyCanReplace() throws IOException {
        weather.writeTo(directory, null);
        Path key = directory.resolve("tls.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(Credential.load(directory).warnings())
                .singleElement()
                .asString()
                .contains("chmod 600 " + key.toRealPath());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw--w----"));
        assertUnusable("can be replaced by other users");
    }

    @Test
    void followsALinkOnceSoThatKeyAndChainMatch() throws IOException {
        weather.writeTo(directory.resolve("v1"), null);
        Path link = Files.createSymbolicLink(directory.resolve("weather"), Path.of("v1"));
        assertThat(Credential.load(link).name()).isEqualTo("weather");
    }

    private void assertUnusable(String message) {
        Path location = Files.exists(directory.resolve("tls.key")) ? directory : directory.resolve("nowhere");
        assertThatThrownBy(() -> Credential.load(location))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining(message);
    }

    private Credential withKey(Issued issued, String label, byte[] der, char[] passphrase) throws IOException {
        issued.writeTo(directory, null);
        Files.writeString(directory.resolve("tls.key"), Issued.pem(label, der));
        return Credential.load(directory, passphrase);
    }

    private static byte[] inner(Issued issued) throws IOException {
        return PrivateKeyInfo.getInstance(issued.privateKey().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
    }
}
