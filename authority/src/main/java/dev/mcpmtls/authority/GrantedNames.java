// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Identities as the subject alternative names of RFC 5280, section 4.2.1.6, and back. */
final class GrantedNames {

    private GrantedNames() {}

    static GeneralNames of(List<Identity> identities) {
        return new GeneralNames(
                identities.stream().map(GrantedNames::generalName).toArray(GeneralName[]::new));
    }

    /**
     * The names of a certificate.
     *
     * @throws CertificateException when it has none
     * @throws IllegalArgumentException when one is of a kind, or in a form, that cannot be granted
     */
    static List<Identity> of(X509Certificate certificate) throws CertificateException {
        byte[] names = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
        if (names == null) {
            throw new CertificateException("no subject alternative names");
        }
        return parse(GeneralNames.getInstance(ASN1OctetString.getInstance(names).getOctets()));
    }

    /**
     * Reads names back.
     *
     * @throws IllegalArgumentException when one is of a kind, or in a form, that cannot be granted
     */
    static List<Identity> parse(GeneralNames names) {
        return Stream.of(names.getNames()).map(GrantedNames::identity).toList();
    }

    /** A name as text for operators, for example {@code DNS:localhost}. */
    static String text(Identity identity) {
        if (identity instanceof DnsName) {
            return "DNS:" + identity.text();
        }
        return (identity instanceof IpAddress ? "IP:" : "URI:") + identity.text();
    }

    /** The reverse of {@link #text}. */
    static Identity parse(String text) {
        String value = text.substring(text.indexOf(':') + 1);
        if (text.startsWith("DNS:")) {
            return DnsName.parse(value);
        }
        return text.startsWith("IP:") ? IpAddress.parse(value) : SpiffeId.parse(value);
    }

    private static GeneralName generalName(Identity identity) {
        if (identity instanceof IpAddress ip) {
            return new GeneralName(
                    GeneralName.iPAddress, new DEROctetString(ip.address().getAddress()));
        }
        int tag = identity instanceof DnsName ? GeneralName.dNSName : GeneralName.uniformResourceIdentifier;
        return new GeneralName(tag, identity.text());
    }

    private static Identity identity(GeneralName name) {
        return switch (name.getTagNo()) {
            case GeneralName.uniformResourceIdentifier ->
                SpiffeId.parse(name.getName().toString());
            case GeneralName.dNSName -> DnsName.parse(name.getName().toString());
            case GeneralName.iPAddress ->
                AlternativeNames.ip(ASN1OctetString.getInstance(name.getName()).getOctets())
                        .orElseThrow(() ->
                                new IllegalArgumentException("not an IP address: " + Printable.clean(name.toString())));
            default ->
                throw new IllegalArgumentException(
                        "neither a SPIFFE ID, a DNS name nor an IP address: " + Printable.clean(name.toString()));
        };
    }
}
