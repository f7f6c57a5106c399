// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/** Encrypted keys: PKCS#8 encrypted by PBES2 with PBKDF2, HMAC-SHA-256 and AES-256-CBC (RFC 8018). */
final class EncryptedKeys {

    /** OWASP's figure for PBKDF2 with HMAC-SHA-256: a fifth of a second for us, and for each guess of an attacker. */
    private static final int PBKDF2_ITERATIONS = 600_000;

    private static final String LABEL = "ENCRYPTED PRIVATE KEY";

    private EncryptedKeys() {}

    /** A key as PEM. */
    static byte[] encode(PrivateKey key, PublicKey publicKey, Passphrase passphrase, SecureRandom random) {
        try {
            var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setRandom(random)
                    .setPRF(PKCS8Generator.PRF_HMACSHA256)
                    .setIterationCount(PBKDF2_ITERATIONS)
                    .setPassword(passphrase.characters())
                    .build();
            PKCS8Generator generator = new PKCS8Generator(Pkcs8.of(key, publicKey), encryptor);
            return Pem.block(LABEL, generator.generate().getContent());
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a key of ours can be encrypted", e);
        }
    }

    /**
     * Reads a key back.
     *
     * @param file for messages
     * @throws AuthorityException.Unavailable when the passphrase does not decrypt it
     * @throws AuthorityException.StoreFailed when it is no encrypted key
     */
    static PrivateKey decode(Path file, byte[] pem, Passphrase passphrase) {
        try {
            byte[] encoding = dev.mcpmtls.identity.Pem.decode(file, pem, LABEL).stream()
                    .findFirst()
                    .orElseThrow(() -> new IOException("its block has no end"));
            PrivateKeyInfo key =
                    new PKCS8EncryptedPrivateKeyInfo(encoding).decryptPrivateKeyInfo(decryptor(passphrase));
            return new JcaPEMKeyConverter().getPrivateKey(key);
        } catch (PKCSException e) {
            throw new AuthorityException.Unavailable(
                    file + " cannot be decrypted with this passphrase", "check it and try again");
        } catch (IOException | RuntimeException e) {
            // The cause is omitted, because a parser's message can quote the key.
            throw new AuthorityException.StoreFailed(file, "holds no key that can be used", "restore it from a backup");
        }
    }

    private static InputDecryptorProvider decryptor(Passphrase passphrase) {
        try {
            return new JceOpenSSLPKCS8DecryptorProviderBuilder()
                    .setProvider(new BouncyCastleProvider())
                    .build(passphrase.characters());
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("BouncyCastle has PBES2", e);
        }
    }
}
