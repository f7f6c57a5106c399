// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Printable;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** The types of generated keys. */
public enum KeyType {
    /** NIST P-256; the default. */
    EC_P256("EC-P256", "EC", 256),
    /** NIST P-384. */
    EC_P384("EC-P384", "EC", 384),
    /** RSA with 3072 bits, for peers that support nothing else. */
    RSA_3072("RSA-3072", "RSA", 3072);

    private static final int LEAST_RSA_BITS = 2048;
    private static final Set<String> NIST_CURVES =
            Set.of("1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"); // P-256, P-384, P-521

    private final String text;
    private final String algorithm;
    private final int bits;

    KeyType(String text, String algorithm, int bits) {
        this.text = text;
        this.algorithm = algorithm;
        this.bits = bits;
    }

    /** The word users write, for example {@code EC-P256}. */
    public String text() {
        return text;
    }

    /**
     * Parses the word users write; case does not matter.
     *
     * @throws IllegalArgumentException when there is no such key type; the message lists them
     */
    public static KeyType parse(String text) {
        for (KeyType type : values()) {
            if (type.text.equalsIgnoreCase(text)) {
                return type;
            }
        }
        String known = Arrays.stream(values()).map(KeyType::text).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("no key type " + Printable.quote(text) + "; there are: " + known);
    }

    String algorithm() {
        return algorithm;
    }

    int bits() {
        return bits;
    }

    /** The curve's name; empty for RSA. */
    Optional<String> curve() {
        return algorithm.equals("EC") ? Optional.of("secp" + bits + "r1") : Optional.empty();
    }

    KeyPair generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime cannot make " + text + " keys", e);
        }
    }

    /** The type of a key's replacement. */
    static KeyType like(PublicKey key) {
        if (key instanceof ECKey ec) {
            return ec.getParams().getOrder().bitLength() > 256 ? EC_P384 : EC_P256;
        }
        return key instanceof RSAKey ? RSA_3072 : EC_P256;
    }

    /**
     * Refuses a key that was made elsewhere and cannot sign certificates that strict peers accept.
     *
     * @param where for the message
     */
    static void requireSigning(PublicKey key, String where) {
        boolean isStrong = key instanceof RSAKey rsa
                ? rsa.getModulus().bitLength() >= LEAST_RSA_BITS
                : key instanceof ECPublicKey ec && isNistCurve(ec);
        if (!isStrong) {
            throw new AuthorityException.Refused(
                    where + " is of a type that cannot sign certificates here: " + key.getAlgorithm(),
                    "use EC P-256, P-384 or P-521, or RSA with at least 2048 bits");
        }
    }

    private static boolean isNistCurve(ECPublicKey key) {
        try {
            return SubjectPublicKeyInfo.getInstance(key.getEncoded())
                                    .getAlgorithm()
                                    .getParameters()
                            instanceof ASN1ObjectIdentifier curve
                    && NIST_CURVES.contains(curve.getId());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The signature algorithm, in JCA's words, that a key of ours signs with. */
    static String signatureAlgorithm(Key key) {
        if (key instanceof ECKey ec) {
            return ec.getParams().getOrder().bitLength() > 256 ? "SHA384withECDSA" : "SHA256withECDSA";
        }
        return "SHA256withRSA";
    }
}
