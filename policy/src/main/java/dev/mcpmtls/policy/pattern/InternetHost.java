// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.IpAddress;
import java.net.IDN;
import java.nio.ByteBuffer;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The host of a web address as parsers of URLs read it: names in ASCII and without a dot at the end, addresses in one form. */
final class InternetHost {

    private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]{0,8}|[0-9]{1,11}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+\\]");

    private InternetHost() {}

    /** The host in one form. */
    static String of(String written) {
        String host = Normalizer.normalize(written, Normalizer.Form.NFKC)
                .replaceAll("[\u3002\uff61]", ".")
                .toLowerCase(Locale.ROOT);
        host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (IPV6.matcher(host).matches()) {
            return IpAddress.of(host.substring(1, host.length() - 1))
                    .map(address -> "[" + address.text() + "]")
                    .orElse(host);
        }
        return ipv4(host).orElse(ascii(host));
    }

    private static String ascii(String host) {
        try {
            return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            return host;
        }
    }

    /** An IPv4 address in any of the forms that parsers of URLs take: fewer parts, octal, hexadecimal. */
    private static Optional<String> ipv4(String host) {
        String[] parts = host.split("\\.", -1);
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            int bits = last ? 8 * (5 - parts.length) : 8;
            if (parts.length > 4 || !NUMBER.matcher(parts[i]).matches()) {
                return Optional.empty();
            }
            long number = number(parts[i]);
            if (number < 0 || number >= 1L << bits) {
                return Optional.empty();
            }
            address = (address << bits) | number;
        }
        byte[] octets = ByteBuffer.allocate(Integer.BYTES).putInt((int) address).array();
        return AlternativeNames.ip(octets).map(IpAddress::text);
    }

    private static long number(String text) {
        try {
            if (text.startsWith("0x") || text.startsWith("0X")) {
                return text.length() == 2 ? 0 : Long.parseLong(text.substring(2), 16);
            }
            return Long.parseLong(text, text.startsWith("0") ? 8 : 10);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
