// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/**
 * A fault of form that many private authorities have, and that a policy may tolerate. It does not weaken the proof of an
 * identity: peers stay {@link Assurance#VERIFIED}. RFC 5280 forbids both faults, and strict validation refuses them unless they
 * are tolerated.
 */
public enum Tolerance {
    /** An authority's basic constraints are not critical (section 4.2.1.9); they are still enforced. */
    PLAIN_BASIC_CONSTRAINTS("plain-basic-constraints"),
    /**
     * Certificates do not name the key that signed them, or authorities not their own (sections 4.2.1.1 and 4.2.1.2);
     * identifiers that are present are still compared.
     */
    NO_KEY_IDENTIFIERS("no-key-identifiers");

    private final String text;

    Tolerance(String text) {
        this.text = text;
    }

    /** The word users write, for example {@code no-key-identifiers}. */
    public String text() {
        return text;
    }
}
