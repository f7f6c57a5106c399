// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.tls.TlsProfile;
import java.util.List;

/** Names of cipher suites and groups, which an engine would refuse at the first connection and in its own words. */
final class TlsNames {

    private static final List<String> GROUPS = List.of(
            "X25519MLKEM768",
            "X25519",
            "P-256",
            "P-384",
            "P-521",
            "x25519",
            "secp256r1",
            "secp384r1",
            "secp521r1",
            "x448",
            "ffdhe2048",
            "ffdhe3072",
            "ffdhe4096");

    private TlsNames() {}

    static String group(String text) {
        return known("key exchange group", text, GROUPS);
    }

    static String cipherSuite(String text) {
        return known("cipher suite", text, TlsProfile.supportedCipherSuites());
    }

    private static String known(String what, String text, List<String> names) {
        if (names.contains(text)) {
            return text;
        }
        String meant = Nearest.to(text, names, 3)
                .map(name -> "did you mean " + name + "?")
                .orElse("there are " + String.join(", ", names.subList(0, Math.min(5, names.size()))) + " and others");
        throw new IllegalArgumentException(Printable.quote(text) + " is no " + what + "; " + meant);
    }
}
