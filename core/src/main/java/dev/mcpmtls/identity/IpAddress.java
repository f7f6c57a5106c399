// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.net.InetAddress;

/**
 * An IP address as a certificate's iPAddress name or as a URL's host.
 *
 * @param address four or sixteen octets; never looked up by name
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6">RFC 5280, section 4.2.1.6</a>
 */
public record IpAddress(InetAddress address) implements Identity {

    @Override
    public String text() {
        return address.getHostAddress();
    }

    @Override
    public String toString() {
        return text();
    }
}
