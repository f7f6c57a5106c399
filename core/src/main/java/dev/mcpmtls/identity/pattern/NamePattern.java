// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity.pattern;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;

/**
 * A pattern of names that a peer can own: {@code spiffe://…}, {@code dns:…}, {@code ip:…} or {@code pin:sha256/…}. Trust domains and DNS
 * names are compared without case, everything else exactly; a trust domain is one segment, a DNS name has its labels as segments.
 * {@link Spiffe} and {@link Dns} are alike but for the kind of name: being two types, neither matches or covers the names of the other.
 */
public sealed interface NamePattern {

    /** Whether the name is one of the pattern's. */
    boolean matches(Identity name);

    /** Whether every name of the other pattern is one of this; a no may be wrong, a yes never is. */
    boolean covers(NamePattern other);

    /** As it may be written, for example {@code dns:*.example.com}; trust domain and DNS name in small letters. */
    String text();

    /** SPIFFE IDs. */
    record Spiffe(Glob glob) implements NamePattern {
        @Override
        public boolean matches(Identity name) {
            return name instanceof SpiffeId && glob.matches(name.text());
        }

        @Override
        public boolean covers(NamePattern other) {
            return other instanceof Spiffe its && glob.covers(its.glob);
        }

        @Override
        public String text() {
            return glob.toString();
        }
    }

    /** DNS names. */
    record Dns(Glob glob) implements NamePattern {
        @Override
        public boolean matches(Identity name) {
            return name instanceof DnsName && glob.matches(name.text());
        }

        @Override
        public boolean covers(NamePattern other) {
            return other instanceof Dns its && glob.covers(its.glob);
        }

        @Override
        public String text() {
            return "dns:" + glob;
        }
    }

    /** IP addresses. */
    record Address(AddressRange range) implements NamePattern {
        @Override
        public boolean matches(Identity name) {
            return name instanceof IpAddress ip && range.contains(ip.address().getAddress());
        }

        @Override
        public boolean covers(NamePattern other) {
            return other instanceof Address its && range.contains(its.range);
        }

        @Override
        public String text() {
            return "ip:" + range;
        }
    }

    /** One key. */
    record Pin(PublicKeyPin pin) implements NamePattern {
        @Override
        public boolean matches(Identity name) {
            return pin.equals(name);
        }

        @Override
        public boolean covers(NamePattern other) {
            return equals(other);
        }

        @Override
        public String text() {
            return "pin:" + pin;
        }
    }

    /** The pattern that only this name matches, as it may be written, for example {@code dns:a.example.com}. */
    static String exactly(Identity name) {
        if (name instanceof DnsName) {
            return "dns:" + name.text();
        }
        if (name instanceof IpAddress) {
            return "ip:" + name.text();
        }
        return name.text().startsWith("sha256/") ? "pin:" + name.text() : name.text();
    }

    /**
     * Parses a pattern.
     *
     * @throws IllegalArgumentException when no name can match it; the message says why and, on a line of its own, what to write
     */
    static NamePattern parse(String text) {
        if (text.startsWith("spiffe://")) {
            return NameForms.spiffe(text);
        }
        if (text.startsWith("dns:")) {
            return NameForms.dns(text.substring(4));
        }
        if (text.startsWith("ip:")) {
            return new Address(AddressRange.parse(text.substring(3)));
        }
        if (text.startsWith("pin:")) {
            return NameForms.pin(text.substring(4));
        }
        String example = text.matches("[\\w-]+")
                ? ", such as spiffe://demo.local/agent/" + text
                : text.matches("[\\w.*-]+\\.[a-z]+") ? ", such as dns:" + text : "";
        throw new IllegalArgumentException(
                "it does not say of which kind the name is\nbegin it with spiffe://, dns:, ip: or pin:" + example);
    }
}
