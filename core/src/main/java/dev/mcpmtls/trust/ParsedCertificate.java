// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.Printable;
import java.net.URI;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate with its extensions decoded once, strictly, from the encoding, before any validation. An extension that is
 * not strict DER is a defect of the certificate, never silently absent.
 */
final class ParsedCertificate {

    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;

    private final X509Certificate x509;
    private final List<String> defects = new ArrayList<>();
    private final AlternativeNames names;
    private final Optional<Extensions.BasicConstraints> basicConstraints;
    private final Optional<boolean[]> keyUsage;
    private final Optional<Set<String>> extendedKeyUsage;
    private final Optional<NameConstraints> nameConstraints;
    private final Optional<byte[]> subjectKey;
    private final Optional<Extensions.AuthorityKey> authorityKey;
    private final List<URI> distributionPoints;
    private final String who;
    /** Needed for trust anchors at every verification; every computation gives the same result. */
    private volatile Optional<Boolean> ownSignature = Optional.empty();

    ParsedCertificate(X509Certificate x509) {
        this.x509 = x509;
        this.names = readNames();
        encodingDefect().ifPresent(defects::add);
        this.basicConstraints = read("2.5.29.19", "basic constraints", Extensions::basicConstraints);
        this.keyUsage = read("2.5.29.15", "key usage", Extensions::bits);
        this.extendedKeyUsage = read("2.5.29.37", "extended key usage", Extensions::oids);
        this.nameConstraints = read("2.5.29.30", "name constraints", NameConstraints::parse);
        this.subjectKey = read("2.5.29.14", "subject key identifier", Extensions::octets);
        this.authorityKey = read("2.5.29.35", "authority key identifier", Extensions::authorityKey);
        this.distributionPoints = read("2.5.29.31", "CRL distribution points", Extensions::distributionPoints)
                .orElse(List.of());
        this.who = names.identity()
                .map(identity -> Printable.clean(identity.text()))
                .orElseGet(() -> Printable.clean(
                        subject().getName().isEmpty()
                                ? "serial number " + x509.getSerialNumber()
                                : subject().toString()));
    }

    static List<ParsedCertificate> all(List<X509Certificate> certificates) {
        return certificates.stream().map(ParsedCertificate::new).toList();
    }

    X509Certificate x509() {
        return x509;
    }

    /** The name for messages. */
    String who() {
        return who;
    }

    X500Principal subject() {
        return x509.getSubjectX500Principal();
    }

    X500Principal issuer() {
        return x509.getIssuerX500Principal();
    }

    String issuerText() {
        return Printable.clean(issuer().toString());
    }

    String subjectText() {
        return Printable.clean(subject().toString());
    }

    Instant notBefore() {
        return x509.getNotBefore().toInstant();
    }

    Instant notAfter() {
        return x509.getNotAfter().toInstant();
    }

    /** The instants at which validity changes: notBefore, and right after notAfter. */
    List<Instant> turningPoints() {
        return List.of(notBefore(), notAfter().plusNanos(1));
    }

    /** Whether subject and issuer are the same name: self-signed, or a key rollover. */
    boolean isSelfIssued() {
        return subject().equals(issuer());
    }

    /** Whether it carries the signature of its own key. */
    boolean carriesItsOwnSignature() {
        if (ownSignature.isEmpty()) {
            ownSignature = Optional.of(isSignedBy(this));
        }
        return ownSignature.orElseThrow();
    }

    /** Whether it carries the signature of the issuer's key; false when that key is too costly to verify with. */
    boolean isSignedBy(ParsedCertificate issuer) {
        return Strength.isAffordable(issuer.x509.getPublicKey())
                && Strength.isSignedBy(x509, issuer.x509.getPublicKey());
    }

    /** Extensions that could not be decoded, each as the end of a sentence. */
    List<String> defects() {
        return defects;
    }

    AlternativeNames names() {
        return names;
    }

    /** Every name that can be an identity; see {@link AlternativeNames#identities}. */
    List<Identity> identities() {
        return names.identities();
    }

    boolean isCa() {
        return basicConstraints.map(Extensions.BasicConstraints::ca).orElse(false);
    }

    OptionalInt pathLength() {
        return basicConstraints.map(Extensions.BasicConstraints::pathLength).orElse(OptionalInt.empty());
    }

    boolean assertsKeyCertSign() {
        return keyUsage.map(bits -> bits[KEY_CERT_SIGN]).orElse(false);
    }

    boolean allowsKeyCertSign() {
        return keyUsage.map(bits -> bits[KEY_CERT_SIGN]).orElse(true);
    }

    boolean assertsCrlSign() {
        return keyUsage.map(bits -> bits[CRL_SIGN]).orElse(false);
    }

    boolean allowsCrlSign() {
        return keyUsage.map(bits -> bits[CRL_SIGN]).orElse(true);
    }

    boolean allowsDigitalSignature() {
        return keyUsage.map(bits -> bits[0]).orElse(true);
    }

    /** Empty when the extension is absent and so every purpose is allowed. */
    Optional<Set<String>> extendedKeyUsage() {
        return extendedKeyUsage;
    }

    Optional<NameConstraints> nameConstraints() {
        return nameConstraints;
    }

    boolean hasSubjectKey() {
        return subjectKey.isPresent();
    }

    /** Whether it names the key that signed it. */
    boolean hasAuthorityKey() {
        return authorityKeyIdentifier().isPresent();
    }

    /** The HTTP locations of complete CRLs of its issuer. */
    List<URI> distributionPoints() {
        return distributionPoints;
    }

    /** Whether its authority key identifier is the issuer's subject key identifier; false when either is absent. */
    boolean namesKeyOf(ParsedCertificate issuer) {
        return matchesKeyOf(issuer).orElse(false);
    }

    /** Whether its authority key identifier differs from the issuer's subject key identifier, or names another certificate. */
    boolean namesOtherKeyThan(ParsedCertificate issuer) {
        return !matchesKeyOf(issuer).orElse(true)
                || authorityKey.filter(key -> key.namesOtherThan(issuer.x509)).isPresent();
    }

    /** Whether an extension is present, and critical. */
    boolean isCritical(String oid) {
        Set<String> critical = x509.getCriticalExtensionOIDs();
        return critical != null && critical.contains(oid);
    }

    boolean isPresent(String oid) {
        return x509.getExtensionValue(oid) != null;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ParsedCertificate that && x509.equals(that.x509);
    }

    @Override
    public int hashCode() {
        return x509.hashCode();
    }

    private Optional<Boolean> matchesKeyOf(ParsedCertificate issuer) {
        return authorityKeyIdentifier().flatMap(id -> issuer.subjectKey.map(subject -> Arrays.equals(id, subject)));
    }

    private Optional<byte[]> authorityKeyIdentifier() {
        return authorityKey.flatMap(Extensions.AuthorityKey::keyIdentifier);
    }

    private AlternativeNames readNames() {
        try {
            return AlternativeNames.of(x509);
        } catch (MalformedDerException e) {
            defects.add("its subject alternative names cannot be read: " + e.getMessage());
            return AlternativeNames.none();
        }
    }

    private Optional<String> encodingDefect() {
        try {
            return Encoding.defect(x509.getEncoded(), notBefore(), notAfter());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }

    private interface Decoder<T> {
        T decode(Der value) throws MalformedDerException;
    }

    private <T> Optional<T> read(String oid, String name, Decoder<T> decoder) {
        byte[] extension = x509.getExtensionValue(oid);
        if (extension == null) {
            return Optional.empty();
        }
        try {
            Der value = Der.parse(Der.parse(extension).expect(Der.OCTET_STRING).content());
            return Optional.of(decoder.decode(value));
        } catch (MalformedDerException e) {
            defects.add("its " + name + " cannot be read: " + e.getMessage());
            return Optional.empty();
        }
    }
}
