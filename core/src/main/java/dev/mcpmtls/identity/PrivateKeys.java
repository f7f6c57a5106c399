// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.identity.Der.MalformedDerException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Private keys from PEM: PKCS#8, encrypted PKCS#8, PKCS#1 and SEC1; and the proof that a key belongs to a certificate. */
public final class PrivateKeys {

    private static final Map<String, String> ALGORITHM_BY_OID = Map.of(
            "1.2.840.113549.1.1.1", "RSA",
            "1.2.840.113549.1.1.10", "RSASSA-PSS",
            "1.2.840.10045.2.1", "EC",
            "1.3.101.112", "Ed25519",
            "1.3.101.113", "Ed448");
    /** P-256, P-384 and P-521. */
    private static final Set<String> CURVES = Set.of("1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35");

    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    private static final byte[] RSA_ALGORITHM = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");

    private PrivateKeys() {}

    /**
     * Reads the one private key of a PEM file.
     *
     * @param file for messages
     * @param passphrase empty when there is none; not wiped here
     * @throws UnusableCredentialException when there is no such key in it, or the passphrase does not decrypt it
     */
    public static PrivateKey parse(Path file, byte[] contents, char[] passphrase) {
        List<Pem.Block> blocks = Pem.blocks(contents);
        for (Pem.Block block : blocks) {
            if (block.isLegacyEncrypted()) {
                throw ForeignKey.inTraditionalEncryption(file, block.legacyCipher());
            }
            if (block.label().endsWith("PRIVATE KEY")) {
                return parse(file, block, blocks, passphrase);
            }
        }
        throw ForeignKey.insteadOfAKey(file, contents, blocks);
    }

    /** Whether a PEM file's private key is encrypted, in whatever way. */
    public static boolean isEncrypted(byte[] contents) {
        return Pem.blocks(contents).stream()
                .anyMatch(block -> block.isLegacyEncrypted() || block.label().equals("ENCRYPTED PRIVATE KEY"));
    }

    /** Whether keys of an algorithm are supported. */
    static boolean isRead(String oid) {
        return ALGORITHM_BY_OID.containsKey(oid);
    }

    /** Whether the private key belongs to the public key, shown by a signature. */
    static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
        byte[] challenge = new byte[32];
        new SecureRandom().nextBytes(challenge);
        try {
            Signature signer = signatureFor(privateKey.getAlgorithm());
            signer.initSign(privateKey);
            signer.update(challenge);
            byte[] signature = signer.sign();
            Signature verifier = signatureFor(publicKey.getAlgorithm());
            verifier.initVerify(publicKey);
            verifier.update(challenge);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static PrivateKey parse(Path file, Pem.Block block, List<Pem.Block> all, char[] passphrase) {
        byte[] pkcs8 = new byte[0];
        try {
            pkcs8 = pkcs8(file, block, all, passphrase);
            return decode(pkcs8);
        } catch (MalformedDerException | RuntimeException | GeneralSecurityException | IOException e) {
            if (e instanceof UnusableCredentialException told) {
                throw told;
            }
            // The cause is dropped on purpose: a parser's message can quote the key.
            throw ForeignKey.unreadable(file, block, pkcs8);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    private static byte[] pkcs8(Path file, Pem.Block block, List<Pem.Block> all, char[] passphrase)
            throws MalformedDerException, GeneralSecurityException, IOException {
        byte[] der = block.der();
        return switch (block.label()) {
            case "PRIVATE KEY" -> der;
            case "ENCRYPTED PRIVATE KEY" -> decrypt(file, der, passphrase);
            case "RSA PRIVATE KEY" ->
                Der.encode(Der.SEQUENCE, VERSION_0, RSA_ALGORITHM, Der.encode(Der.OCTET_STRING, der));
            case "EC PRIVATE KEY" -> {
                byte[] algorithm = Der.encode(Der.SEQUENCE, EC_OID, curveOf(der, all));
                yield Der.encode(Der.SEQUENCE, VERSION_0, algorithm, Der.encode(Der.OCTET_STRING, der));
            }
            default -> throw new MalformedDerException("an unsupported kind of key");
        };
    }

    /** The named curve of an ECPrivateKey (RFC 5915), inside it or in the parameter block that OpenSSL writes before it. */
    private static byte[] curveOf(byte[] ecPrivateKey, List<Pem.Block> all) throws MalformedDerException {
        for (Der element : Der.parse(ecPrivateKey).children(Der.SEQUENCE)) {
            if (element.isContext(0)) {
                return Der.parse(element.content()).expect(Der.OID).encoding();
            }
        }
        for (Pem.Block block : all) {
            if (block.label().equals("EC PARAMETERS")) {
                return Der.parse(block.der()).expect(Der.OID).encoding();
            }
        }
        throw new MalformedDerException("no named curve");
    }

    private static byte[] decrypt(Path file, byte[] encrypted, char[] passphrase)
            throws GeneralSecurityException, IOException {
        EncryptedPrivateKeyInfo container = new EncryptedPrivateKeyInfo(encrypted);
        // JDK 17 names the scheme PBES2 and gives the usable transformation only here.
        String algorithm = container.getAlgParameters() == null
                ? container.getAlgName()
                : container.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(algorithm);
        if (passphrase.length == 0) {
            throw new UnusableCredentialException(
                    file + " is encrypted; give its passphrase (tls.key-passphrase-file, Credential.load)");
        }
        PBEKeySpec spec = new PBEKeySpec(passphrase);
        try {
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
                    container.getAlgParameters());
            return container.getKeySpec(cipher).getEncoded();
        } catch (InvalidKeySpecException e) {
            throw new UnusableCredentialException(file + " could not be decrypted; check the passphrase");
        } finally {
            spec.clearPassword();
        }
    }

    private static PrivateKey decode(byte[] pkcs8) throws MalformedDerException, GeneralSecurityException {
        List<Der> fields = Der.parse(pkcs8).children(Der.SEQUENCE);
        if (fields.size() < 3) {
            throw new MalformedDerException("not a PrivateKeyInfo");
        }
        List<Der> scheme = fields.get(1).children(Der.SEQUENCE);
        String algorithm = ALGORITHM_BY_OID.get(scheme.get(0).asOid());
        if (algorithm == null
                || (algorithm.equals("EC") && !CURVES.contains(scheme.get(1).asOid()))) {
            throw new GeneralSecurityException("unsupported key algorithm");
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    private static Signature signatureFor(String keyAlgorithm) throws GeneralSecurityException {
        return switch (keyAlgorithm) {
            case "RSA" -> Signature.getInstance("SHA256withRSA");
            case "EC" -> Signature.getInstance("SHA256withECDSA");
            case "RSASSA-PSS" -> {
                Signature pss = Signature.getInstance("RSASSA-PSS");
                pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
                yield pss;
            }
            default -> Signature.getInstance(keyAlgorithm);
        };
    }
}
