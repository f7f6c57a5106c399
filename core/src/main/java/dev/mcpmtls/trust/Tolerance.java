// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

/**
 * A fault of form that many private authorities have, which is let pass where it is named. It weakens nothing about who vouches for whom: peers
 * stay {@link Assurance#VERIFIED}. RFC 5280 forbids both; strict validation refuses them unless told otherwise.
 */
public enum Tolerance {
    /** An authority's basic constraints are not critical (section 4.2.1.9); what they say is enforced still. */
    PLAIN_BASIC_CONSTRAINTS("plain-basic-constraints"),
    /**
     * Certificates do not name the key that signed them, or authorities not their own (sections 4.2.1.1 and 4.2.1.2); identifiers that are
     * there are compared still.
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

    /** The end of a remedy that has a choice. */
    String remedy() {
        return ", or set tls.tolerate: [" + text + "] (--tolerate " + text + ") on the side that refuses it";
    }
}
