// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * A range of IP addresses, for example {@code 10.0.0.0/8}, {@code fd00::/8} or one address. IPv4 addresses that are written as IPv6
 * ({@code ::ffff:10.0.0.1}) are IPv4 addresses.
 */
public final class Network {

    private final byte[] first;
    private final int prefix;
    private final String text;

    private Network(byte[] first, int prefix, String text) {
        this.first = first;
        this.prefix = prefix;
        this.text = text;
    }

    /**
     * Parses an address, or one with the length of its prefix.
     *
     * @throws IllegalArgumentException when it is neither, when bits are set behind the prefix, or when it holds every address
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = literal(slash < 0 ? text : text.substring(0, slash));
        if (address.length == 0) {
            throw new IllegalArgumentException(
                    Printable.quote(text) + " is not a network such as 10.0.0.0/8 or fd00::/8");
        }
        int bits = address.length * 8;
        String length = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
        if (!length.matches("[1-9]\\d{0,2}") || Integer.parseInt(length) > bits) {
            throw new IllegalArgumentException(
                    Printable.quote(text) + " has no prefix from 1 to " + bits + ", such as 10.0.0.0/8 has");
        }
        int prefix = Integer.parseInt(length);
        byte[] first = masked(address, prefix);
        if (!Arrays.equals(first, address)) {
            throw new IllegalArgumentException(Printable.quote(text) + " has bits behind its prefix; write "
                    + new IpAddress(of(first)).text() + "/" + prefix);
        }
        return new Network(first, prefix, text);
    }

    /** Whether the address is one of this network's. */
    public boolean contains(InetAddress address) {
        byte[] bytes = canonical(address.getAddress());
        return bytes.length == first.length && Arrays.equals(masked(bytes, prefix), first);
    }

    /** An address as IPv4 where it stands for one. */
    static InetAddress canonical(InetAddress address) {
        return address instanceof Inet6Address ? of(canonical(address.getAddress())) : address;
    }

    /** The address of 4 or 16 bytes. */
    static InetAddress of(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }

    /** The bytes of an IP address without a scope; none when the text is something else. */
    static byte[] literal(String text) {
        return IpAddress.of(text).map(ip -> ip.address().getAddress()).orElseGet(() -> new byte[0]);
    }

    private static byte[] canonical(byte[] address) {
        boolean isMapped = address.length == 16
                && Arrays.equals(address, 0, 12, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1}, 0, 12);
        return isMapped ? Arrays.copyOfRange(address, 12, 16) : address;
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int bits = Math.min(8, Math.max(0, prefix - 8 * i));
            masked[i] &= (byte) (0xff << (8 - bits));
        }
        return masked;
    }

    @Override
    public String toString() {
        return text;
    }
}
