// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.tls.reload.CredentialSource;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The hosts a server answers to, in lower case and without ports. {@code *.example.com} covers one label, as in certificates.
 *
 * @param names IPv6 addresses in brackets, in the form of RFC 5952
 */
public record HostNames(Set<String> names) {

    public static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** Hosts as URLs have them. */
    public static HostNames of(Set<String> names) {
        return new HostNames(names.stream().map(HostNames::canonical).collect(Collectors.toUnmodifiableSet()));
    }

    /** The hosts that the certificate in use names, also after it was replaced, and the loopback ones. */
    public static Supplier<HostNames> of(CredentialSource credentials) {
        return new Supplier<>() {

            private volatile @Nullable Known known;

            private record Known(Credential credential, HostNames hosts) {}

            @Override
            public HostNames get() {
                Known last = known;
                Credential current = credentials.current();
                if (last == null || last.credential != current) {
                    Set<String> names = new LinkedHashSet<>(LOOPBACK);
                    names.addAll(named(current));
                    last = new Known(current, of(names));
                    known = last;
                }
                return last.hosts;
            }
        };
    }

    /** The hosts that a credential's certificate names, DNS names first. */
    public static List<String> named(Credential credential) {
        try {
            AlternativeNames names = AlternativeNames.of(credential.chain().leaf());
            Set<String> hosts = new LinkedHashSet<>();
            names.dnsNames().forEach(name -> hosts.add(canonical(name)));
            names.addresses().forEach(octets -> AlternativeNames.ip(octets).ifPresent(ip -> hosts.add(literal(ip))));
            return List.copyOf(hosts);
        } catch (MalformedDerException e) {
            return List.of();
        }
    }

    /**
     * The host in a server's URL: {@code localhost} where no other machine comes, else one that the certificate names, if there is one.
     *
     * @param named the hosts that the certificate names
     * @param wanted the host that the settings name
     */
    public static String inUrl(List<String> named, InetAddress bound, String wanted) {
        if (bound.isLoopbackAddress() || (bound.isAnyLocalAddress() && LOOPBACK.containsAll(named))) {
            return "localhost";
        }
        String literal = wanted.contains(":") ? "[" + wanted + "]" : wanted;
        return reachable(named, literal).orElse(literal);
    }

    /** The host that clients elsewhere can use, of those that a certificate names; the given one when it is named. */
    public static Optional<String> reachable(List<String> named, String wanted) {
        return named.stream()
                .filter(name -> name.equals(canonical(wanted)))
                .findFirst()
                .or(() -> named.stream()
                        .filter(name -> !LOOPBACK.contains(name) && !name.startsWith("*"))
                        .findFirst());
    }

    /** Whether requests to this host are served. */
    boolean cover(String host) {
        String name = canonical(host);
        int dot = name.indexOf('.');
        return names.contains(name) || (dot > 0 && names.contains("*" + name.substring(dot)));
    }

    private static String canonical(String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            // An IPv4 address in IPv6 form is no address of a certificate.
            return IpAddress.of(host.substring(1, host.length() - 1))
                    .filter(HostNames::isIpv6)
                    .map(HostNames::literal)
                    .orElse(host);
        }
        String name = host.toLowerCase(Locale.ROOT);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static String literal(IpAddress ip) {
        return isIpv6(ip) ? "[" + ip.text() + "]" : ip.text();
    }

    private static boolean isIpv6(IpAddress ip) {
        return ip.address().getAddress().length == 16;
    }
}
