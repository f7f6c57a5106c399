// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.prepare;

import java.math.BigDecimal;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/**
 * Uses once, in a thread beside the one that reads settings, those parts of Java that a server's start takes longest to load. The JDK's
 * alone: two threads that initialise the classes of one library could wait for each other.
 */
public final class ServerWarmUp {

    private ServerWarmUp() {}

    /** Begins, and returns at once. */
    public static void start() {
        Thread thread = new Thread(ServerWarmUp::use, "warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    private static void use() {
        var unusedNumber = BigDecimal.ONE; // computes powers of five, which parsers of JSON and YAML need
        var unusedResource = ClassLoader.getSystemResource("META-INF/none"); // opens every jar, as looking for services does
        try {
            KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
            curve.initialize(new ECGenParameterSpec("secp256r1"));
            var unusedKey = curve.generateKeyPair(); // computes the multiples of a curve's point, which signatures need
        } catch (GeneralSecurityException e) {
            // This Java has no such keys: nothing will wait for them.
        }
    }
}
