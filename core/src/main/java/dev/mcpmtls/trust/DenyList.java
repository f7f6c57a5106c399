// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Serial numbers and keys that are refused, whatever their authority says; each with the line that lists it. */
record DenyList(Map<BigInteger, String> serialNumbers, Map<PublicKeyPin, String> pins) {

    static final DenyList EMPTY = new DenyList(Map.of(), Map.of());

    static DenyList parse(Path file, byte[] contents) {
        Map<BigInteger, String> serialNumbers = new HashMap<>();
        Map<PublicKeyPin, String> pins = new HashMap<>();
        List<String> lines =
                new String(contents, StandardCharsets.UTF_8).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String entry = lines.get(i).replaceFirst("#.*", "").strip();
            String source = "line " + (i + 1) + " of " + file;
            try {
                if (entry.startsWith("sha256/")) {
                    pins.put(PublicKeyPin.parse(entry), source);
                } else if (!entry.isEmpty()) {
                    serialNumbers.put(new BigInteger(entry.replace(":", ""), 16), source);
                }
            } catch (IllegalArgumentException e) {
                throw new UnusableCredentialException(
                        source + " is neither a pin nor a hexadecimal serial number: " + Printable.quote(entry), e);
            }
        }
        return new DenyList(Map.copyOf(serialNumbers), Map.copyOf(pins));
    }

    /** The line that lists one of the two. */
    Optional<String> find(BigInteger serialNumber, PublicKeyPin pin) {
        return Optional.ofNullable(serialNumbers.get(serialNumber)).or(() -> Optional.ofNullable(pins.get(pin)));
    }
}
