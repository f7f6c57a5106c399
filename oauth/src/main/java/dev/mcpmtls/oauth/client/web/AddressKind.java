// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Where an address leads (RFC 6890). */
enum AddressKind {
    PUBLIC,
    LOOPBACK,
    /** In use within a site: RFC 1918, RFC 4193 and RFC 6598. */
    PRIVATE,
    /** Everything else, link-local addresses of cloud metadata services among it, and tunnels to an address that is not seen. */
    SPECIAL;

    static AddressKind of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address.isLoopbackAddress()) {
            return LOOPBACK;
        }
        if (address.isAnyLocalAddress() || address.isLinkLocalAddress() || address.isMulticastAddress()) {
            return SPECIAL;
        }
        return address instanceof Inet6Address ? ofIpv6(bytes) : ofIpv4(address, bytes);
    }

    private static AddressKind ofIpv4(InetAddress address, byte[] bytes) {
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        boolean isShared = first == 100 && second >= 64 && second < 128;
        if (address.isSiteLocalAddress() || isShared) {
            return PRIVATE;
        }
        boolean isProtocolAssignment = first == 192 && second == 0 && bytes[2] == 0;
        boolean isBenchmark = first == 198 && (second == 18 || second == 19);
        return first == 0 || first >= 240 || isProtocolAssignment || isBenchmark ? SPECIAL : PUBLIC;
    }

    private static AddressKind ofIpv6(byte[] bytes) {
        if ((bytes[0] & 0xfe) == 0xfc) {
            return PRIVATE;
        }
        boolean isGlobalUnicast = (bytes[0] & 0xe0) == 0x20;
        boolean isTeredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
        boolean is6to4 = bytes[0] == 0x20 && bytes[1] == 0x02;
        return isGlobalUnicast && !isTeredo && !is6to4 ? PUBLIC : SPECIAL;
    }
}
