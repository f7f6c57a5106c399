// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** The contents of a certificate to make; valid at first, then altered by the test. Mutable, for one use. */
public final class CertificateSpec {

    X500Name subject;
    Optional<X500Name> issuer = Optional.empty();
    KeyPair keys = Keys.ec();
    BigInteger serialNumber = Keys.serialNumber();
    Instant notBefore;
    Instant notAfter;
    Optional<String> signatureAlgorithm = Optional.empty();
    boolean selfSigned;
    boolean subjectKey = true;
    boolean authorityKey = true;
    final Map<String, Extension> extensions = new LinkedHashMap<>();
    private final List<GeneralName> names = new ArrayList<>();

    CertificateSpec(String subject, Instant now) {
        this.subject = new X500Name(subject);
        this.notBefore = now.minus(Duration.ofMinutes(1));
        this.notAfter = now.plus(Duration.ofHours(24));
    }

    /** The subject as RFC 4514 text; empty for none. */
    public CertificateSpec subject(String distinguishedName) {
        subject = new X500Name(distinguishedName);
        return this;
    }

    /** Claims another issuer than the one that signs. */
    public CertificateSpec issuer(String distinguishedName) {
        issuer = Optional.of(new X500Name(distinguishedName));
        return this;
    }

    /** The key pair; a new P-256 one by default. */
    public CertificateSpec keys(KeyPair replacement) {
        keys = replacement;
        return this;
    }

    /** The serial number; 128 random bits by default. */
    public CertificateSpec serialNumber(long replacement) {
        serialNumber = BigInteger.valueOf(replacement);
        return this;
    }

    /** The validity; a day from a minute ago by default. */
    public CertificateSpec valid(Instant from, Instant until) {
        notBefore = from;
        notAfter = until;
        return this;
    }

    /** The JCA name of the signature algorithm, for example {@code SHA1withECDSA}; fits the signing key by default. */
    public CertificateSpec signedWith(String algorithm) {
        signatureAlgorithm = Optional.of(algorithm);
        return this;
    }

    /** Signed by its own key instead of the authority's. */
    public CertificateSpec selfSigned() {
        selfSigned = true;
        return this;
    }

    /** Adds a URI name, for example a SPIFFE ID. */
    public CertificateSpec uri(String uri) {
        return name(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
    }

    /** Adds a DNS name; accepts any ASCII text. */
    public CertificateSpec dns(String dnsName) {
        return name(new GeneralName(GeneralName.dNSName, dnsName));
    }

    /** Adds an IP address. */
    public CertificateSpec ip(String address) {
        return name(new GeneralName(GeneralName.iPAddress, address));
    }

    /** Adds any name. */
    public CertificateSpec name(GeneralName name) {
        names.add(name);
        return alternativeNames(false);
    }

    /** Removes the names added so far. */
    public CertificateSpec withoutNames() {
        names.clear();
        return without(Extension.subjectAlternativeName.getId());
    }

    /** Writes the names added so far, critical or not. */
    public CertificateSpec alternativeNames(boolean critical) {
        return extension(
                Extension.subjectAlternativeName.getId(),
                critical,
                new GeneralNames(names.toArray(new GeneralName[0])));
    }

    /** A certification authority, with the number of intermediates below it; -1 for no limit. */
    public CertificateSpec ca(int pathLength) {
        basicConstraints(true, pathLength < 0 ? new BasicConstraints(true) : new BasicConstraints(pathLength));
        return keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
    }

    /** Basic constraints as given. */
    public CertificateSpec basicConstraints(boolean critical, BasicConstraints constraints) {
        return extension(Extension.basicConstraints.getId(), critical, constraints);
    }

    /** The key usage, as bits of {@link KeyUsage}. */
    public CertificateSpec keyUsage(int bits) {
        return extension(Extension.keyUsage.getId(), true, new KeyUsage(bits));
    }

    /** The extended key usage; none given removes it. */
    public CertificateSpec extendedKeyUsage(KeyPurposeId... usages) {
        return usages.length == 0
                ? without(Extension.extendedKeyUsage.getId())
                : extension(Extension.extendedKeyUsage.getId(), false, new ExtendedKeyUsage(usages));
    }

    /** The locations of the issuer's CRL: one distribution point with one location for each. */
    public CertificateSpec crlAt(String... urls) {
        DistributionPoint[] points = Stream.of(urls)
                .map(url -> new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, url)))
                .map(names -> new DistributionPoint(new DistributionPointName(names), null, null))
                .toArray(DistributionPoint[]::new);
        return extension(Extension.cRLDistributionPoints.getId(), false, new CRLDistPoint(points));
    }

    /** Any extension. */
    public CertificateSpec extension(String oid, boolean critical, ASN1Encodable value) {
        try {
            return extension(oid, critical, value.toASN1Primitive().getEncoded("DER"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Any extension, with any octets for its value. */
    public CertificateSpec extension(String oid, boolean critical, byte[] value) {
        extensions.put(oid, new Extension(new ASN1ObjectIdentifier(oid), critical, value));
        return this;
    }

    /** Omits an extension. */
    public CertificateSpec without(String oid) {
        extensions.remove(oid);
        subjectKey &= !oid.equals(Extension.subjectKeyIdentifier.getId());
        authorityKey &= !oid.equals(Extension.authorityKeyIdentifier.getId());
        return this;
    }
}
