// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.PublicKeyPin;
import java.util.Arrays;
import java.util.Locale;

/**
 * Endpoint identification: whether the certificate has the name that the client connects to. The subject's common name is never
 * used.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9525#section-6">RFC 9525, section 6</a>
 */
final class EndpointName {

    private EndpointName() {}

    static boolean matches(Identity expected, ParsedCertificate leaf) {
        if (expected instanceof DnsName name) {
            return leaf.names().dnsNames().stream().anyMatch(pattern -> matches(pattern, name.text()));
        }
        if (expected instanceof IpAddress ip) {
            byte[] octets = ip.address().getAddress();
            return leaf.names().addresses().stream().anyMatch(address -> Arrays.equals(address, octets));
        }
        if (expected instanceof PublicKeyPin pin) {
            return PublicKeyPin.of(leaf.x509().getPublicKey()).equals(pin);
        }
        return leaf.names().identity().filter(expected::equals).isPresent();
    }

    /** The same name, or a wildcard for exactly one whole label on the left. */
    private static boolean matches(String pattern, String name) {
        String lower = pattern.toLowerCase(Locale.ROOT);
        int dot = name.indexOf('.');
        return lower.equals(name)
                || (lower.startsWith("*.") && dot > 0 && lower.substring(1).equals(name.substring(dot)));
    }
}
