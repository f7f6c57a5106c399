// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Printable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where an authority's key is in a token (PKCS#11), which it never leaves. The store has this in the place of the key:
 *
 * <pre>
 * pkcs11:
 * library: /usr/lib/softhsm/libsofthsm2.so
 * slot: 991521059
 * label: authority
 * pin-file: /etc/mcp-mtls/pin
 * </pre>
 *
 * <p>The PIN is the passphrase that {@link Authority#open} takes; without one, it is in the first line of the file.
 *
 * @param library the token's PKCS#11 library, absolute
 * @param slot the id of its slot
 * @param label of the key, and of the certificate beside it that names its public key
 * @param pinFile owner-only; empty where the PIN always comes from elsewhere
 */
public record Pkcs11Key(Path library, long slot, String label, Optional<Path> pinFile) {

    private static final String HEAD = "pkcs11:\n";

    /**
     * Checks the texts, which a library's configuration has to hold.
     *
     * @throws IllegalArgumentException when the library's path is not absolute or has quotes or line breaks, or the label has other
     *     characters than letters, digits and {@code . _ -}
     */
    public Pkcs11Key {
        if (!library.isAbsolute() || library.toString().matches("(?s).*[\"\\\\\\n\\r$].*")) {
            throw new IllegalArgumentException(
                    Printable.quote(library.toString()) + " is not the absolute path of a PKCS#11 library");
        }
        if (!label.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,59}")) {
            throw new IllegalArgumentException(
                    Printable.quote(label) + " is no label: it has letters, digits, '.', '_' and '-', at most 60");
        }
        if (slot < 0) {
            throw new IllegalArgumentException(slot + " is not the id of a slot");
        }
    }

    /** Whether a key's file holds this instead of a key. */
    static boolean isIn(byte[] file) {
        return new String(file, StandardCharsets.ISO_8859_1).startsWith(HEAD);
    }

    /**
     * Reads the file back.
     *
     * @throws IllegalArgumentException when a line is missing or cannot be used
     */
    static Pkcs11Key parse(byte[] file) {
        Map<String, String> values = new HashMap<>();
        new String(file, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(": "))
                .forEach(line -> values.put(
                        line.substring(0, line.indexOf(':')),
                        line.substring(line.indexOf(':') + 1).strip()));
        return new Pkcs11Key(
                Path.of(value(values, "library")),
                Long.parseLong(value(values, "slot")),
                value(values, "label"),
                Optional.ofNullable(values.get("pin-file")).map(Path::of));
    }

    private static String value(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no line '" + name + ": ...'");
        }
        return value;
    }

    byte[] text() {
        String text = HEAD + "library: " + library + "\nslot: " + slot + "\nlabel: " + label + "\n"
                + pinFile.map(file -> "pin-file: " + file + "\n").orElse("");
        return text.getBytes(StandardCharsets.UTF_8);
    }

    Pkcs11Key labelled(String other) {
        return new Pkcs11Key(library, slot, other, pinFile);
    }

    /** For messages: {@code the key authority in slot 991521059 of /usr/lib/softhsm/libsofthsm2.so}. */
    @Override
    public String toString() {
        return "the key " + label + " in slot " + slot + " of " + library;
    }
}
