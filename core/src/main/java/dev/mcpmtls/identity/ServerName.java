// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

/**
 * The name that a server's certificate must have (RFC 9525, section 6).
 */
public final class ServerName {

    private ServerName() {}

    /**
     * The name of a host that is dialled.
     *
     * @param host a DNS name or an IP address, IPv6 in brackets or without
     * @throws IllegalArgumentException when it is neither
     */
    public static Identity of(String host) {
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        return IpAddress.of(isBracketed ? host.substring(1, host.length() - 1) : host)
                .<Identity>map(address -> address)
                .orElseGet(() -> DnsName.parse(host));
    }
}
