// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Checks that names in a certificate have the form that all parsers read alike. With a NUL, a line break, a lone wildcard or a
 * second SPIFFE ID, two parsers can read two different peers.
 */
final class WellFormed {

    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[\\x21-\\x7e]+");
    private static final Pattern MAILBOX = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern NUMERIC_END = Pattern.compile("(.*\\.)?[0-9]+");

    private WellFormed() {}

    /** The defects of the names, each as the end of a sentence. */
    static List<String> defects(AlternativeNames names) {
        List<String> defects = new ArrayList<>();
        names.dnsNames().stream()
                .filter(name -> !isDnsPattern(name))
                .forEach(name -> defects.add("it holds the ill-formed DNS name " + Printable.quote(name)
                        + (NUMERIC_END.matcher(name).matches()
                                ? ", which reads as an address; write it as an IP name"
                                : "")));
        names.addresses().stream()
                .filter(octets -> AlternativeNames.ip(octets).isEmpty())
                .forEach(octets -> defects.add("it holds an address of " + octets.length + " octets, or one mapped"));
        names.uris().stream()
                .filter(uri -> !isUri(uri))
                .forEach(uri -> defects.add("it holds the ill-formed URI " + Printable.quote(uri)));
        names.emailAddresses().stream()
                .filter(mailbox -> !isMailbox(mailbox))
                .forEach(mailbox -> defects.add("it holds the ill-formed mailbox " + Printable.quote(mailbox)));
        // X509-SVID, section 2: exactly one URI, so that a peer has no choice of names.
        if (names.uris().size() > 1 && names.uris().stream().anyMatch(WellFormed::isSpiffe)) {
            defects.add("it holds a SPIFFE ID and " + (names.uris().size() - 1) + " more URIs");
        }
        return defects;
    }

    /** A host name: letters, digits and dashes, no wildcard, and not readable as an IPv4 address. */
    static boolean isHostName(String lowerCase) {
        try {
            return new DnsName(lowerCase).isHostName();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A host name, or a wildcard for the whole leftmost label above at least two more (RFC 9525, section 6.3). */
    private static boolean isDnsPattern(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("*.")) {
            return isHostName(lower);
        }
        String above = lower.substring(2);
        return isHostName(above) && above.contains(".");
    }

    private static boolean isUri(String text) {
        if (!URI.matcher(text).matches()) {
            return false;
        }
        if (!isSpiffe(text)) {
            return true;
        }
        try {
            return SpiffeId.parse(text).text().equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isSpiffe(String uri) {
        return uri.toLowerCase(Locale.ROOT).startsWith("spiffe:");
    }

    private static boolean isMailbox(String text) {
        return MAILBOX.matcher(text).matches() && Subtree.isMailbox(text);
    }
}
