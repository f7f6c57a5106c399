// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Pem;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.identity.pattern.NamePattern;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Trust anchors that vouch for the same names: those of one file.
 *
 * @param source the file, or another origin, as messages name it
 * @param certificates where verification may start
 * @param names the names they may vouch for, nothing else; empty when they are not bound
 * @param edition the sequence number and refresh hint of a SPIFFE bundle
 * @param bindsItself whether the file, and not the user, binds them. Such a binding never covers a name to which the user bound others,
 *     nor our trust domain, unless the anchors are ours
 */
public record AnchorSet(
        String source,
        List<X509Certificate> certificates,
        List<NamePattern> names,
        Optional<BundleEdition> edition,
        boolean bindsItself) {

    private static final int MAX_BYTES = 4 * 1024 * 1024;

    /** Copies the lists. */
    public AnchorSet {
        certificates = List.copyOf(certificates);
        names = List.copyOf(names);
    }

    /**
     * Loads anchors from a file of PEM certificates, one DER certificate, or a SPIFFE bundle. A bundle is bound to its trust domain.
     *
     * @param names the names they may vouch for; for a bundle, they replace its trust domain
     * @throws UnusableCredentialException when the file is missing, too large, damaged, holds no certificate, or could have been written by
     *     others; and for a bundle that needs {@code names}
     */
    public static AnchorSet load(Path file, List<NamePattern> names) {
        byte[] contents = Pem.readTrusted(file, MAX_BYTES);
        if (!SpiffeBundle.isMeant(contents)) {
            return new AnchorSet(
                    file.toString(), Chain.parse(file, contents).certificates(), names, Optional.empty(), false);
        }
        SpiffeBundle bundle = SpiffeBundle.parse(file, contents);
        return new AnchorSet(
                file.toString(),
                bundle.roots(),
                names.isEmpty() ? List.of(bundle.trustDomain(file)) : names,
                Optional.of(bundle.edition()),
                names.isEmpty());
    }

    /**
     * Parses a name that an authority may be bound to: a pattern of SPIFFE IDs within one trust domain, a DNS name, which may begin with a
     * wildcard label, or an IP address or prefix.
     *
     * @param text for example {@code spiffe://partner.example/**}, {@code dns:*.example.com} or {@code ip:192.0.2.0/24}
     * @throws IllegalArgumentException when no certificate can hold such a name, or it would span trust domains; the message says why and,
     *     on a line of its own, what to write
     */
    public static NamePattern name(String text) {
        NamePattern pattern = NamePattern.parse(text);
        if (pattern instanceof NamePattern.Spiffe) {
            requireOneTrustDomain(text.substring("spiffe://".length()));
        } else if (pattern instanceof NamePattern.Dns) {
            requireHostNames(text.substring("dns:".length()));
        } else if (pattern instanceof NamePattern.Pin) {
            throw new IllegalArgumentException("an authority vouches for names, and a pin is a key"
                    + "\nname SPIFFE IDs, DNS names or IP addresses, or use tls.validation: pinned");
        }
        return pattern;
    }

    private static void requireOneTrustDomain(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("no peer has a whole trust domain for its name\nwrite spiffe://"
                    + text.replace("*", "") + "/** for all names in it");
        }
        if (text.substring(0, slash).contains("*")) {
            throw new IllegalArgumentException("an authority may not be bound to a pattern of trust domains"
                    + "\nwrite a line for each, such as spiffe://partner.example/**");
        }
    }

    /** A wildcard stands for exactly one whole label, as in a certificate (RFC 9525, section 6.3). */
    private static void requireHostNames(String text) {
        String rest = text.startsWith("*.") ? text.substring(2) : text;
        if (rest.contains("*")) {
            throw new IllegalArgumentException("a wildcard in it stands for one whole label on the left"
                    + "\nwrite for example dns:mtls.example.com or dns:*.example.com");
        }
        if (!DnsName.parse(rest.toLowerCase(Locale.ROOT)).isHostName()) {
            throw new IllegalArgumentException("no certificate holds such a DNS name"
                    + "\na host name has letters, digits and dashes, and an address is written as ip:192.0.2.7");
        }
    }

    /** Whether they vouch for listed names only. */
    public boolean isBound() {
        return !names.isEmpty();
    }

    /** The names they vouch for, in words: the patterns, or {@code not bound}. */
    public String binding() {
        return isBound()
                ? "for "
                        + String.join(
                                ", ", names.stream().map(NamePattern::text).toList())
                : "not bound";
    }

    /** A sentence about anchors of {@link ChainVerifier#anchorsToBind}, without the remedy; safe to print. */
    public String needsBinding() {
        return "the trust anchors in " + Printable.clean(source)
                + (isBound()
                        ? " are one of two bundles of a trust domain: only anchors that are in both vouch for it"
                        : " vouch for any name that is neither ours nor another anchor's");
    }

    /** The remedy for such anchors; safe to print. */
    public String lineToBind() {
        return "bind them in tls.trust-anchors: {file: " + Printable.clean(source) + ", for: [\""
                + (isBound() ? names.get(0).text() : "spiffe://partner.example/**") + "\"]}";
    }

    /** Where they come from, and what they are bound to; safe to print. */
    @Override
    public String toString() {
        return Printable.clean(source) + (isBound() ? " (" + binding() + ")" : "");
    }
}
