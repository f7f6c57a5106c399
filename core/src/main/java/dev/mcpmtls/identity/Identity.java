// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.util.Optional;

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
     * @throws IllegalArgumentException when it is neither; a name that ends in a number is none
     */
    static Identity ofHost(String host) {
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        Optional<IpAddress> address = IpAddress.of(isBracketed ? host.substring(1, host.length() - 1) : host);
        if (address.isPresent()) {
            return address.get();
        }
        DnsName name = DnsName.parse(host);
        if (name.endsInNumber()) {
            throw new IllegalArgumentException("not an IP address: " + Printable.quote(host));
        }
        return name;
    }
}
