// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.security.PrivateKey;

/** A private key and the chain that names its owner. Prints its subject, never its key. Immutable. */
public final class Credential {

    private final String name;
    private final PrivateKey privateKey;
    private final Chain chain;

    private Credential(String name, PrivateKey privateKey, Chain chain) {
        this.name = name;
        this.privateKey = privateKey;
        this.chain = chain;
    }

    /**
     * A credential made from parts already in memory.
     *
     * @param name what operators call it, for example {@code weather}; appears in logs and remedies
     * @throws UnusableCredentialException when the key does not belong to the leaf
     */
    public static Credential of(String name, PrivateKey privateKey, Chain chain) {
        return new Credential(name, privateKey, chain);
    }

    /** What operators call this credential. */
    public String name() {
        return name;
    }

    /** The private key of the leaf. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** Leaf first, then intermediates. */
    public Chain chain() {
        return chain;
    }

    @Override
    public String toString() {
        return "Credential[" + name + ", " + chain.leaf().getSubjectX500Principal() + ", key redacted]";
    }
}
