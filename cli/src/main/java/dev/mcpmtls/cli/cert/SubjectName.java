// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.SpiffeId;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A name for a certificate, as users write it. */
public final class SubjectName {

    private static final Pattern KIND = Pattern.compile("(?i)(dns|ip|uri):(.*)");

    private SubjectName() {}

    /**
     * Parses a name, with its kind before it ({@code dns:}, {@code ip:}, {@code uri:}, as openssl and {@code cert show} write them) or
     * without.
     *
     * @throws IllegalArgumentException when it is no SPIFFE ID, DNS name or IP address
     */
    public static Identity parse(String text) {
        Matcher kind = KIND.matcher(text);
        if (kind.matches()) {
            String name = kind.group(2);
            return switch (kind.group(1).toLowerCase(Locale.ROOT)) {
                case "dns" -> dnsName(name);
                case "ip" -> IpAddress.parse(name);
                default -> SpiffeId.parse(name);
            };
        }
        if (text.contains("://")) {
            return SpiffeId.parse(text);
        }
        return text.contains(":") || looksLikeIpv4(text) ? IpAddress.parse(text) : DnsName.parse(text);
    }

    /** An address as a DNS name is refused by some peers and not by others, so it is not issued. */
    private static DnsName dnsName(String text) {
        if (looksLikeIpv4(text)) {
            throw new IllegalArgumentException("not a DNS name: '" + text + "'; write ip:" + text);
        }
        return DnsName.parse(text);
    }

    private static boolean looksLikeIpv4(String text) {
        return text.matches("[0-9.]+");
    }
}
