// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity.pattern;

import dev.mcpmtls.identity.IpAddress;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * An IP address, or a prefix of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3).
 *
 * @param network the first address, as a number
 * @param bits the length of the prefix
 * @param all the length of an address: 32 or 128
 */
record AddressRange(BigInteger network, int bits, int all) {

    private static final Pattern LENGTH = Pattern.compile("0|[1-9]\\d{0,2}");

    /**
     * Parses an address or prefix.
     *
     * @throws IllegalArgumentException when it is neither, or has host bits
     */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        int all = address.length * 8;
        int bits = slash < 0 ? all : length(text.substring(slash + 1), all);
        BigInteger hosts = BigInteger.ONE.shiftLeft(all - bits).subtract(BigInteger.ONE);
        BigInteger value = new BigInteger(1, address);
        if (value.and(hosts).signum() != 0) {
            throw new IllegalArgumentException("it has bits beyond its prefix\nwrite ip:"
                    + text(value.andNot(hosts), address.length) + "/" + bits);
        }
        return new AddressRange(value, bits, all);
    }

    private static byte[] address(String text) {
        byte[] octets = IpAddress.of(text)
                .orElseThrow(AddressRange::notAnAddress)
                .address()
                .getAddress();
        if (text.indexOf(':') >= 0 && octets.length == 4) {
            throw new IllegalArgumentException(
                    "no certificate names an IPv4 address mapped into IPv6\nwrite it as IPv4");
        }
        return octets;
    }

    private static IllegalArgumentException notAnAddress() {
        return new IllegalArgumentException("it is neither an IP address nor a prefix\n"
                + "write an address such as ip:192.0.2.7 or ip:2001:db8::7, or a prefix such as ip:10.0.0.0/8");
    }

    private static int length(String text, int all) {
        if (!LENGTH.matcher(text).matches() || Integer.parseInt(text) > all) {
            throw new IllegalArgumentException(
                    "the prefix length is not a number from 0 to " + all + "\nwrite for example ip:10.0.0.0/8");
        }
        return Integer.parseInt(text);
    }

    private static String text(BigInteger value, int octets) {
        byte[] address = new byte[octets];
        byte[] digits = value.toByteArray();
        for (int i = 0; i < Math.min(octets, digits.length); i++) {
            address[octets - 1 - i] = digits[digits.length - 1 - i];
        }
        try {
            return new IpAddress(InetAddress.getByAddress(address)).text();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four or sixteen octets are an address", e);
        }
    }

    boolean contains(byte[] address) {
        return address.length * 8 == all && startsAlike(new BigInteger(1, address));
    }

    boolean contains(AddressRange other) {
        return other.all == all && other.bits >= bits && startsAlike(other.network);
    }

    private boolean startsAlike(BigInteger address) {
        return address.xor(network).shiftRight(all - bits).signum() == 0;
    }

    /** The address, or the prefix in CIDR notation. */
    @Override
    public String toString() {
        return text(network, all / 8) + (bits == all ? "" : "/" + bits);
    }
}
