// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Key pairs of every kind, strong and weak. */
public final class Keys {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Map<String, KeyPair> MADE_ONCE = new ConcurrentHashMap<>();

    private Keys() {}

    /** A new P-256 pair. */
    public static KeyPair ec() {
        return ec("secp256r1");
    }

    /** A new pair on a named curve; the platform's own objects, from a generator several times as fast as the platform's. */
    public static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Signing.PROVIDER);
            generator.initialize(new ECGenParameterSpec(curve));
            KeyPair made = generator.generateKeyPair();
            KeyFactory platform = KeyFactory.getInstance("EC");
            return new KeyPair(
                    (PublicKey) platform.translateKey(made.getPublic()),
                    platform.generatePrivate(platform.getKeySpec(made.getPrivate(), ECPrivateKeySpec.class)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(curve, e);
        }
    }

    /** An RSA pair, made once a size because making it is slow. */
    public static KeyPair rsa(int bits) {
        return once("RSA", bits);
    }

    /** A new Ed25519 pair. */
    public static KeyPair ed25519() {
        return generate("Ed25519", 255);
    }

    /** A DSA pair, also made once. */
    public static KeyPair dsa() {
        return once("DSA", 2048);
    }

    static BigInteger serialNumber() {
        return new BigInteger(127, RANDOM).setBit(126);
    }

    private static KeyPair once(String algorithm, int size) {
        return MADE_ONCE.computeIfAbsent(algorithm + " " + size, unknown -> generate(algorithm, size));
    }

    private static KeyPair generate(String algorithm, int size) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(size);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm, e);
        }
    }
}
