// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
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

    /** A new pair on a named curve. */
    public static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
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

    /** A DSA pair, made once as well. */
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
