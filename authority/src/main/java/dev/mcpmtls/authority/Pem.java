// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/** The text form of certificates, revocation lists and keys (RFC 7468). */
final class Pem {

    /** OWASP's figure for PBKDF2 with HMAC-SHA-256: a fifth of a second for us, for whoever guesses as well. */
    private static final int PBKDF2_ITERATIONS = 600_000;

    private static final byte[] LINE_END = {'\n'};

    private Pem() {}

    static byte[] certificates(List<X509Certificate> certificates) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            for (X509Certificate certificate : certificates) {
                out.writeBytes(block("CERTIFICATE", certificate.getEncoded()));
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
        return out.toByteArray();
    }

    static byte[] crl(byte[] encoding) {
        return block("X509 CRL", encoding);
    }

    /** PKCS#8. The caller wipes the result. */
    static byte[] key(PrivateKey key) {
        byte[] encoding = key.getEncoded();
        try {
            return block("PRIVATE KEY", encoding);
        } finally {
            Arrays.fill(encoding, (byte) 0);
        }
    }

    /** PKCS#8 encrypted by PBES2: PBKDF2 with HMAC-SHA-256, AES-256-CBC. */
    static byte[] encryptedKey(PrivateKey key, Passphrase passphrase, SecureRandom random) {
        try {
            var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setRandom(random)
                    .setPRF(JcaPKCS8Generator.PRF_HMACSHA256)
                    .setIterationCount(PBKDF2_ITERATIONS)
                    .setPassword(passphrase.characters())
                    .build();
            return block(
                    "ENCRYPTED PRIVATE KEY",
                    new JcaPKCS8Generator(key, encryptor).generate().getContent());
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a key of ours can be encrypted", e);
        }
    }

    /**
     * Reads certificates back, in the order of the file.
     *
     * @throws CertificateException when there is none, or something else
     */
    static List<X509Certificate> parseCertificates(byte[] pem) throws CertificateException {
        List<X509Certificate> certificates =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (certificates.isEmpty()) {
            throw new CertificateException("no certificate in it");
        }
        return certificates;
    }

    /** Whether a key in PEM needs a passphrase. */
    static boolean isEncrypted(byte[] pem) {
        return new String(pem, StandardCharsets.US_ASCII).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    }

    /** Reads a PKCS#8 key that is not encrypted. */
    static PrivateKey parseKey(byte[] pem) throws IOException {
        if (parseObject(pem) instanceof PrivateKeyInfo key) {
            return new JcaPEMKeyConverter().getPrivateKey(key);
        }
        throw new IOException("no PKCS#8 key in it");
    }

    /**
     * Reads an encrypted PKCS#8 key.
     *
     * @throws PKCSException when the passphrase does not open it
     */
    static PrivateKey parseKey(byte[] pem, Passphrase passphrase) throws IOException, PKCSException {
        if (parseObject(pem) instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
            return new JcaPEMKeyConverter().getPrivateKey(encrypted.decryptPrivateKeyInfo(decryptor(passphrase)));
        }
        throw new IOException("no encrypted PKCS#8 key in it");
    }

    /** The first object of a PEM file, as BouncyCastle has it; null at the end of the file becomes an {@link IOException}. */
    static Object parseObject(byte[] pem) throws IOException {
        try (Reader reader = new InputStreamReader(new ByteArrayInputStream(pem), StandardCharsets.US_ASCII);
                PEMParser parser = new PEMParser(reader)) {
            Object object = parser.readObject();
            if (object == null) {
                throw new IOException("no PEM block in it");
            }
            return object;
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

    private static byte[] block(String label, byte[] encoding) {
        byte[] body = Base64.getMimeEncoder(64, LINE_END).encode(encoding);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(body);
        out.writeBytes(("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
        Arrays.fill(body, (byte) 0);
        return out.toByteArray();
    }
}
