// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.PrivateKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys carry their public part (RFC 5915), and are read with and without it. */
class Pkcs8Test {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    @Test
    void everyKeyOfAStoreCarriesItsPublicPart() throws IOException {
        Store store = Store.at(directory.resolve("store"));
        fixed.initialise(
                store,
                AuthorityProfile.standard("demo.local").with(AuthorityProfile.Hierarchy.INTERMEDIATE),
                Optional.empty());
        Authority authority = fixed.open(store);
        authority.rekey("echo");
        authority.rollover().prepare(AuthorityProfile.standard("demo.local"));

        List<Path> keys = keys();

        assertThat(keys).hasSizeGreaterThanOrEqualTo(8);
        assertThat(keys)
                .allSatisfy(key -> assertThat(publicPart(Files.readString(key))).isPresent());
    }

    @Test
    void encryptedKeysDoToo() throws Exception {
        KeyPair pair = KeyType.EC_P384.generate(new SecureRandom());
        Passphrase passphrase = Passphrase.of("secret".toCharArray());

        byte[] pem = EncryptedKeys.encode(pair.getPrivate(), pair.getPublic(), passphrase, new SecureRandom());

        PrivateKeyInfo opened = new PKCS8EncryptedPrivateKeyInfo(der(new String(pem, StandardCharsets.US_ASCII)))
                .decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(new BouncyCastleProvider())
                        .build("secret".toCharArray()));
        assertThat(ECPrivateKey.getInstance(opened.parsePrivateKey()).getPublicKey())
                .isNotNull();
        assertSame(EncryptedKeys.decode(directory, pem, passphrase), pair);
        assertSame(PrivateKeys.parse(directory, pem, "secret".toCharArray()), pair);
    }

    @ParameterizedTest
    @EnumSource
    void areReadAgain(KeyType type) {
        KeyPair pair = type.generate(new SecureRandom());

        byte[] pem = Pem.key(pair.getPrivate(), pair.getPublic());

        assertSame(PrivateKeys.parse(directory, pem, new char[0]), pair);
    }

    @Test
    void namesThePublicKey() throws IOException {
        KeyPair pair = KeyType.EC_P256.generate(new SecureRandom());

        String pem = new String(Pem.key(pair.getPrivate(), pair.getPublic()), StandardCharsets.US_ASCII);

        assertThat(publicPart(pem))
                .hasValue(SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded())
                        .getPublicKeyData());
    }

    @Test
    void keysWithoutItAreStillRenewed() throws IOException {
        Store store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        Path key = store.credential("echo").resolve("tls.key");
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(der(Files.readString(key)));
        ECPrivateKey whole = ECPrivateKey.getInstance(info.parsePrivateKey());
        byte[] bare =
                new PrivateKeyInfo(info.getPrivateKeyAlgorithm(), new ECPrivateKey(256, whole.getKey())).getEncoded();
        Files.write(key, Pem.block("PRIVATE KEY", bare));
        assertThat(publicPart(Files.readString(key))).isEmpty();

        fixed.open(store).renew("echo");

        assertThat(Credential.load(store.credential("echo")).name()).isEqualTo("echo");
    }

    private static void assertSame(PrivateKey read, KeyPair pair) {
        if (read instanceof java.security.interfaces.ECPrivateKey ec) {
            assertThat(ec.getS()).isEqualTo(((java.security.interfaces.ECPrivateKey) pair.getPrivate()).getS());
        } else {
            assertThat(read).isEqualTo(pair.getPrivate());
        }
    }

    private List<Path> keys() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return new ArrayList<>(
                    files.filter(file -> file.toString().endsWith(".key")).toList());
        }
    }

    private static Optional<Object> publicPart(String pem) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(der(pem));
        return Optional.ofNullable(
                ECPrivateKey.getInstance(info.parsePrivateKey()).getPublicKey());
    }

    private static byte[] der(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----.*-----", ""));
    }
}
