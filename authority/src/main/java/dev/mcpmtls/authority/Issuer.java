// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/**
 * A certification authority's key and the path from it to the trust anchor: signs leaves and CRLs in the profile of RFC 5280,
 * sections 4 and 5. Its text form shows the subject, never the key.
 */
final class Issuer {

    /** The largest difference of peers' clocks behind ours; no certificate is backdated by more than its lifetime. */
    static final Duration BACKDATING = Duration.ofMinutes(1);

    private static final String ORGANISATION = ",O=";

    /** The properties of a new authority beside its key: name, validity, and the number of authorities that may follow. */
    record Subject(String organisation, String role, Duration lifetime, int pathLength) {}

    /** One entry of a CRL. */
    record Entry(BigInteger serialNumber, Instant revokedAt, RevocationReason reason) {}

    private final List<X509Certificate> path;
    private final SigningKey key;

    /** An existing issuer: {@code path} has its own certificate first and the trust anchor last. */
    Issuer(List<X509Certificate> path, SigningKey key) {
        this.path = List.copyOf(path);
        this.key = key;
    }

    /** A new trust anchor, signed by itself. */
    static Issuer root(Subject subject, IssuerKeys.New key, Instant now, SecureRandom random) {
        PublicKey own = key.publicKey();
        X500Principal name = name(subject, own);
        Instant notAfter = now.plus(subject.lifetime());
        X509v3CertificateBuilder root = certificate(name, name, own, randomSerial(random), now, notAfter);
        extendAuthority(root, own, subject.pathLength());
        return new Issuer(List.of(sign(root, key.signing(), own, random)), key.signing());
    }

    /** A new authority below this one. */
    Issuer intermediate(Subject subject, IssuerKeys.New below, Instant now, SecureRandom random) {
        PublicKey own = below.publicKey();
        X509v3CertificateBuilder intermediate = certificate(
                certificate().getSubjectX500Principal(),
                name(subject, own),
                own,
                randomSerial(random),
                now,
                end(now, subject.lifetime()));
        extendAuthority(intermediate, own, subject.pathLength());
        add(
                intermediate,
                Extension.authorityKeyIdentifier,
                false,
                utilities().createAuthorityKeyIdentifier(publicKey()));
        X509Certificate signed = sign(intermediate, key, publicKey(), random);
        return new Issuer(List.of(signed, certificate()), below.signing());
    }

    /** Issues a certificate for the key {@code owner} with the contents of the grant. */
    X509Certificate issue(Grant grant, PublicKey owner, BigInteger serial, Instant now, SecureRandom random) {
        X509v3CertificateBuilder leaf = certificate(
                certificate().getSubjectX500Principal(),
                new X500Principal("CN=" + grant.name()),
                owner,
                serial,
                now,
                end(now, grant.lifetime()));
        KeyPurposeId[] purposes = grant.purposes().stream()
                .sorted()
                .map(purpose ->
                        purpose == Purpose.CLIENT ? KeyPurposeId.id_kp_clientAuth : KeyPurposeId.id_kp_serverAuth)
                .toArray(KeyPurposeId[]::new);
        JcaX509ExtensionUtils utilities = utilities();
        add(leaf, Extension.basicConstraints, true, new BasicConstraints(false));
        add(leaf, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        add(leaf, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
        add(leaf, Extension.subjectAlternativeName, false, GrantedNames.of(grant.names()));
        add(leaf, Extension.subjectKeyIdentifier, false, utilities.createSubjectKeyIdentifier(owner));
        add(leaf, Extension.authorityKeyIdentifier, false, utilities.createAuthorityKeyIdentifier(publicKey()));
        return sign(leaf, key, publicKey(), random);
    }

    /** A complete CRL, in DER; its thisUpdate is backdated like a certificate's notBefore, for peers whose clocks are behind. */
    byte[] revocationList(
            long number, Collection<Entry> entries, Instant now, Instant nextUpdate, SecureRandom random) {
        try {
            JcaX509v2CRLBuilder list =
                    new JcaX509v2CRLBuilder(certificate().getSubjectX500Principal(), Date.from(now.minus(BACKDATING)));
            list.setNextUpdate(Date.from(nextUpdate));
            list.addExtension(
                    Extension.authorityKeyIdentifier, false, utilities().createAuthorityKeyIdentifier(publicKey()));
            list.addExtension(
                    Extension.cRLNumber, false, new org.bouncycastle.asn1.x509.CRLNumber(BigInteger.valueOf(number)));
            for (Entry entry : entries) {
                list.addCRLEntry(
                        entry.serialNumber(),
                        Date.from(entry.revokedAt()),
                        entry.reason().code());
            }
            return list.build(signer(key, publicKey(), random)).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("a revocation list of ours encodes", e);
        }
    }

    /** The issuer's own certificate. */
    X509Certificate certificate() {
        return path.get(0);
    }

    /** The trust anchor. */
    X509Certificate anchor() {
        return path.get(path.size() - 1);
    }

    /** Own certificate first, trust anchor last; one certificate when this is a root. */
    List<X509Certificate> path() {
        return path;
    }

    /** The certificates between a leaf and the trust anchor, in the order in which TLS sends them. */
    List<X509Certificate> intermediates() {
        return path.subList(0, path.size() - 1);
    }

    /** Checks that it can sign now. */
    void check() {
        key.check();
    }

    /** Names this issuer in the journal: the first 16 hexadecimal digits of its key's identifier. */
    String id() {
        return id(certificate());
    }

    static String id(X509Certificate issuer) {
        return keyId(issuer.getPublicKey(), 8);
    }

    /** The lifetime that a certificate of ours had at its issue. */
    static Duration lifetime(Instant notBefore, Instant notAfter) {
        Duration whole = Duration.between(notBefore, notAfter);
        return whole.minus(Collections.min(List.of(BACKDATING, whole.dividedBy(2))));
    }

    static BigInteger randomSerial(SecureRandom random) {
        BigInteger serial = new BigInteger(128, random);
        return serial.signum() == 0 ? randomSerial(random) : serial;
    }

    @Override
    public String toString() {
        return "Issuer[" + certificate().getSubjectX500Principal() + ", key redacted]";
    }

    private PublicKey publicKey() {
        return certificate().getPublicKey();
    }

    /** A certificate never outlives its issuer. */
    private Instant end(Instant now, Duration lifetime) {
        return Collections.min(List.of(certificate().getNotAfter().toInstant(), now.plus(lifetime)));
    }

    private static X500Principal name(Subject subject, PublicKey key) {
        // Part of the key's identifier keeps the names of successive authorities apart; a CRL is found by its issuer's
        // name.
        return new X500Principal("CN=" + subject.role() + " " + keyId(key, 4) + ORGANISATION + subject.organisation());
    }

    /** The organisation in the name of an issuer that was made here, see {@link Subject}. */
    static String organisation(X509Certificate issuer) {
        String name = issuer.getSubjectX500Principal().getName();
        return name.substring(name.lastIndexOf(ORGANISATION) + ORGANISATION.length());
    }

    private static String keyId(PublicKey key, int bytes) {
        byte[] identifier = utilities().createSubjectKeyIdentifier(key).getKeyIdentifier();
        return HexFormat.of().formatHex(identifier, 0, bytes);
    }

    private static X509v3CertificateBuilder certificate(
            X500Principal issuer,
            X500Principal subject,
            PublicKey key,
            BigInteger serial,
            Instant now,
            Instant notAfter) {
        Date notBefore = Date.from(now.minus(Collections.min(List.of(BACKDATING, Duration.between(now, notAfter)))));
        return new JcaX509v3CertificateBuilder(issuer, serial, notBefore, Date.from(notAfter), subject, key);
    }

    private static void extendAuthority(X509v3CertificateBuilder authority, PublicKey key, int pathLength) {
        add(authority, Extension.basicConstraints, true, new BasicConstraints(pathLength));
        add(authority, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        add(authority, Extension.subjectKeyIdentifier, false, utilities().createSubjectKeyIdentifier(key));
    }

    private static void add(
            X509v3CertificateBuilder builder,
            org.bouncycastle.asn1.ASN1ObjectIdentifier oid,
            boolean isCritical,
            org.bouncycastle.asn1.ASN1Encodable value) {
        try {
            builder.addExtension(oid, isCritical, value);
        } catch (IOException e) {
            throw new IllegalStateException("an extension of ours encodes", e);
        }
    }

    private static X509Certificate sign(
            X509v3CertificateBuilder builder, SigningKey key, PublicKey own, SecureRandom random) {
        try {
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer(key, own, random)));
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate of ours parses", e);
        }
    }

    private static ContentSigner signer(SigningKey key, PublicKey own, SecureRandom random) {
        return key.signer(KeyType.signatureAlgorithm(own), random);
    }

    private static JcaX509ExtensionUtils utilities() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1 for key identifiers", e);
        }
    }
}
