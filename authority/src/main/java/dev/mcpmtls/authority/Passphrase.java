// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.util.Arrays;

/** The secret that encrypts an authority's key. Its text form does not show it; wiped when closed. */
public final class Passphrase implements AutoCloseable {

    private final char[] characters;

    private Passphrase(char[] characters) {
        this.characters = characters;
    }

    /**
     * Takes ownership of the array, which {@link #close} wipes.
     *
     * @throws IllegalArgumentException when it is empty
     */
    public static Passphrase of(char[] characters) {
        if (characters.length == 0) {
            throw new IllegalArgumentException("the passphrase is empty; give one, or none at all");
        }
        return new Passphrase(characters);
    }

    char[] characters() {
        return characters;
    }

    @Override
    public void close() {
        Arrays.fill(characters, '\0');
    }

    @Override
    public String toString() {
        return "Passphrase[redacted]";
    }
}
