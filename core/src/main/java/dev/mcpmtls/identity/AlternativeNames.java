// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.identity.Der.MalformedDerException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * The names of a certificate's subjectAltName extension, read from the encoding. The JDK's decoded list is never used: it is
 * cached per certificate, and validation adds the subject's common name to it. This class does not check whether names are
 * well-formed; {@code trust} does.
 *
 * @param dnsNames as written, wildcards included
 * @param addresses four or sixteen octets when well-formed
 * @param uris as written
 * @param emailAddresses as written
 * @param directoryNames parsed
 * @param others the number of names of other kinds
 * @param critical whether the extension is critical
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6">RFC 5280, section 4.2.1.6</a>
 */
public record AlternativeNames(
        List<String> dnsNames,
        List<byte[]> addresses,
        List<String> uris,
        List<String> emailAddresses,
        List<X500Principal> directoryNames,
        int others,
        boolean critical) {

    private static final String SUBJECT_ALT_NAME = "2.5.29.17";
    // GeneralName, with the class and constructed bits that DER demands of each choice.
    private static final int OTHER_NAME = 0xa0;
    private static final int EMAIL = 0x81;
    private static final int DNS = 0x82;
    private static final int X400_ADDRESS = 0xa3;
    private static final int DIRECTORY = 0xa4;
    private static final int EDI_PARTY = 0xa5;
    private static final int URI = 0x86;
    private static final int IP = 0x87;
    private static final int REGISTERED_ID = 0x88;

    /** The names of a certificate without the extension. */
    public static AlternativeNames none() {
        return new AlternativeNames(List.of(), List.of(), List.of(), List.of(), List.of(), 0, false);
    }

    /**
     * Reads the names.
     *
     * @throws MalformedDerException when the extension is not a non-empty sequence of general names
     */
    public static AlternativeNames of(X509Certificate certificate) throws MalformedDerException {
        byte[] extension = certificate.getExtensionValue(SUBJECT_ALT_NAME);
        if (extension == null) {
            return none();
        }
        List<Der> names = Der.parse(
                        Der.parse(extension).expect(Der.OCTET_STRING).content())
                .children(Der.SEQUENCE);
        if (names.isEmpty()) {
            throw new MalformedDerException("an empty list of names");
        }
        return read(names, certificate.getCriticalExtensionOIDs().contains(SUBJECT_ALT_NAME));
    }

    /** Whether there are no names at all. */
    public boolean isEmpty() {
        return dnsNames.isEmpty()
                && addresses.isEmpty()
                && uris.isEmpty()
                && emailAddresses.isEmpty()
                && directoryNames.isEmpty()
                && others == 0;
    }

    /** The names as text, each with its kind, for example {@code DNS:localhost}. */
    public List<String> printable() {
        List<String> all = new ArrayList<>();
        uris.forEach(uri -> all.add("URI:" + Printable.clean(uri)));
        dnsNames.forEach(dns -> all.add("DNS:" + Printable.clean(dns)));
        addresses.forEach(
                address -> all.add("IP:" + ip(address).map(IpAddress::text).orElse("malformed")));
        emailAddresses.forEach(email -> all.add("email:" + Printable.clean(email)));
        directoryNames.forEach(name -> all.add("directory:" + Printable.clean(name.toString())));
        return all;
    }

    /**
     * The name that is the peer's identity: the SPIFFE ID, else the first DNS name without a wildcard, else the first address.
     * Empty without any of them.
     */
    public Optional<Identity> identity() {
        for (String uri : uris) {
            if (uri.regionMatches(true, 0, "spiffe://", 0, 9)) {
                return parsed(() -> SpiffeId.parse(uri));
            }
        }
        for (String dns : dnsNames) {
            Optional<Identity> name = parsed(() -> DnsName.parse(dns));
            if (name.isPresent()) {
                return name;
            }
        }
        return addresses.stream()
                .flatMap(octets -> ip(octets).stream())
                .map(ip -> (Identity) ip)
                .findFirst();
    }

    /** Every name that can be an identity, SPIFFE IDs first, each once; no wildcards. */
    public List<Identity> identities() {
        Set<Identity> names = new LinkedHashSet<>();
        uris.forEach(uri -> parsed(() -> SpiffeId.parse(uri)).ifPresent(names::add));
        dnsNames.forEach(dns -> parsed(() -> DnsName.parse(dns)).ifPresent(names::add));
        addresses.forEach(octets -> ip(octets).ifPresent(names::add));
        return List.copyOf(names);
    }

    /**
     * An address from its octets; empty when they are not four or sixteen. Also empty for IPv4 mapped into IPv6, which would
     * equal an IPv4 address here but not in a name constraint.
     */
    public static Optional<IpAddress> ip(byte[] octets) {
        try {
            InetAddress address = InetAddress.getByAddress(octets);
            return address.getAddress().length == octets.length
                    ? Optional.of(new IpAddress(address))
                    : Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Optional<Identity> parsed(java.util.function.Supplier<Identity> parser) {
        try {
            return Optional.of(parser.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static AlternativeNames read(List<Der> names, boolean critical) throws MalformedDerException {
        List<String> dns = new ArrayList<>();
        List<byte[]> addresses = new ArrayList<>();
        List<String> uris = new ArrayList<>();
        List<String> emails = new ArrayList<>();
        List<X500Principal> directories = new ArrayList<>();
        int others = 0;
        for (Der name : names) {
            switch (name.tag()) {
                case EMAIL -> emails.add(name.asAscii());
                case DNS -> dns.add(name.asAscii());
                case URI -> uris.add(name.asAscii());
                case IP -> addresses.add(name.content());
                case DIRECTORY -> directories.add(directoryName(name));
                case OTHER_NAME, X400_ADDRESS, EDI_PARTY, REGISTERED_ID -> others++;
                default -> throw new MalformedDerException("not a general name");
            }
        }
        return new AlternativeNames(dns, addresses, uris, emails, directories, others, critical);
    }

    private static X500Principal directoryName(Der explicit) throws MalformedDerException {
        try {
            return new X500Principal(
                    Der.parse(explicit.content()).expect(Der.SEQUENCE).encoding());
        } catch (IllegalArgumentException e) {
            throw new MalformedDerException("not a directory name");
        }
    }
}
