// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

/**
 * A name a peer can own. Two peers are the same peer exactly when their identities are equal; a subject's common
 * name is for display and never decides.
 */
public sealed interface Identity permits SpiffeId, DnsName, IpAddress, PublicKeyPin {

    /** The identity as users write it, for example {@code spiffe://demo.local/agent/coordinator}. */
    String text();

    /**
     * The name that a server's certificate must have.
     *
     * @param host as it is dialled: a DNS name or an IP address, IPv6 in brackets or without
     * @throws IllegalArgumentException when it is neither
     */
    static Identity ofHost(String host) {
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        return IpAddress.of(isBracketed ? host.substring(1, host.length() - 1) : host)
                .<Identity>map(address -> address)
                .orElseGet(() -> DnsName.parse(host));
    }
}
