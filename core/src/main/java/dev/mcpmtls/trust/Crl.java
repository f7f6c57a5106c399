// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Pem;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.trust.RevocationRejection.Revoked;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * A complete CRL of one issuer about its own certificates. Delta, indirect and partitioned CRLs carry critical extensions,
 * which make a CRL unusable here: a CRL that cannot be read in full clears no certificate.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-5">RFC 5280, section 5</a>
 */
final class Crl {

    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final String DELTA = "2.5.29.27";
    /** The extensions that limit the scope of a CRL. Both must be critical; they limit it even when they are not. */
    private static final List<String> SCOPES = List.of("2.5.29.28", DELTA);

    private final X509CRL crl;
    private final CrlEdition edition;
    /** Whether the key signed this CRL; remembered, because every handshake asks. */
    private final Map<PublicKey, Boolean> signers = new ConcurrentHashMap<>();

    /** Section 5.3: an entry with an unknown critical extension makes the whole CRL unusable. */
    private final boolean hasCriticalEntries;

    private final Optional<String> malformedIssuer;

    private Crl(String source, X509CRL crl) throws CRLException {
        this.crl = crl;
        this.edition = CrlEdition.of(source, crl, scope(crl));
        Set<? extends X509CRLEntry> entries = crl.getRevokedCertificates();
        this.malformedIssuer = malformedIssuer(crl);
        this.hasCriticalEntries = entries != null && entries.stream().anyMatch(Crl::isCritical);
    }

    static List<Crl> parse(Path file, byte[] contents) {
        List<Crl> crls = new ArrayList<>();
        for (byte[] encoding : Pem.decode(file, contents, "X509 CRL")) {
            crls.add(parse(file.toString(), encoding));
        }
        if (crls.isEmpty()) {
            throw new UnusableCredentialException(file + " holds no CRL; expected PEM or DER");
        }
        return crls;
    }

    /** Reads one CRL; {@code source} is where it came from, for messages. */
    static Crl parse(String source, byte[] encoding) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return new Crl(source, (X509CRL) factory.generateCRL(new ByteArrayInputStream(encoding)));
        } catch (CertificateException | CRLException | RuntimeException e) {
            throw new UnusableCredentialException(
                    source + " holds a damaged CRL (" + Printable.causeOf(e) + "); publish it again", e);
        }
    }

    /** Whether it carries the issuer's name. */
    boolean isInTheNameOf(ParsedCertificate issuer) {
        return crl.getIssuerX500Principal().equals(issuer.subject());
    }

    /** Whether it carries the issuer's name and signature, and the issuer may sign CRLs. */
    boolean isFrom(ParsedCertificate issuer) {
        return isInTheNameOf(issuer)
                && issuer.allowsCrlSign()
                && signers.computeIfAbsent(issuer.x509().getPublicKey(), this::isSignedBy);
    }

    /** Whether one of the authorities, or one of an earlier question, has signed it. */
    boolean isGenuine(Collection<ParsedCertificate> authorities) {
        return signers.containsValue(true) || authorities.stream().anyMatch(this::isFrom);
    }

    /** The reason why it is not {@linkplain #isGenuine genuine}. */
    String whyNotGenuine() {
        return edition.source()
                + (Strength.isStrongSignature(crl)
                        ? " is not signed by a known authority of that name that may sign CRLs"
                        : " is signed with " + crl.getSigAlgName() + "; use SHA-256 or better, or EdDSA");
    }

    /** Whether it lists the certificate, whatever its signature. */
    boolean lists(ParsedCertificate certificate) {
        return crl.getRevokedCertificate(certificate.x509().getSerialNumber()) != null;
    }

    /** The finding when the certificate, which is of this CRL's issuer, is listed. */
    Optional<Rejection> revokes(ParsedCertificate certificate) {
        X509CRLEntry entry = crl.getRevokedCertificate(certificate.x509().getSerialNumber());
        return Optional.ofNullable(entry)
                .map(listed -> new Revoked(
                        certificate.who(),
                        listed.getSerialNumber(),
                        "the CRL of " + certificate.issuerText(),
                        Optional.of(listed.getRevocationDate().toInstant())));
    }

    /** The reason why it clears no certificate at this time; empty when it does. */
    Optional<String> unusableAt(Instant now) {
        if (malformedIssuer.isPresent()) {
            return Optional.of("its CRL holds " + malformedIssuer.get());
        }
        Set<String> critical = crl.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            return Optional.of("its CRL has critical extensions " + critical);
        }
        if (SCOPES.stream().anyMatch(oid -> crl.getExtensionValue(oid) != null)) {
            return Optional.of("its CRL is not a complete one");
        }
        if (hasCriticalEntries) {
            return Optional.of("its CRL has entries with critical extensions");
        }
        if (edition.number().isEmpty() || crl.getExtensionValue(AUTHORITY_KEY) == null) {
            return Optional.of("its CRL lacks number or authority key identifier (RFC 5280, section 5.2)");
        }
        if (crl.getNextUpdate() == null) {
            return Optional.of("its CRL has no nextUpdate");
        }
        if (now.isBefore(crl.getThisUpdate().toInstant())) {
            return Optional.of(
                    "its CRL is not valid before " + crl.getThisUpdate().toInstant());
        }
        return now.isAfter(crl.getNextUpdate().toInstant())
                ? Optional.of("its CRL expired on " + crl.getNextUpdate().toInstant())
                : Optional.empty();
    }

    /** The instants at which its status changes: thisUpdate, and right after nextUpdate. */
    List<Instant> turningPoints() {
        Instant start = crl.getThisUpdate().toInstant();
        return crl.getNextUpdate() == null
                ? List.of(start)
                : List.of(start, crl.getNextUpdate().toInstant().plusNanos(1));
    }

    /** Its nextUpdate, if it has one. */
    Optional<Instant> nextUpdate() {
        return crl.getNextUpdate() == null
                ? Optional.empty()
                : Optional.of(crl.getNextUpdate().toInstant());
    }

    /** Its issuer's name, safe to print. */
    String issuer() {
        return Printable.clean(crl.getIssuerX500Principal().getName());
    }

    /** Its place among its issuer's successive CRLs. */
    CrlEdition edition() {
        return edition;
    }

    boolean isSameAs(Crl other) {
        return crl.equals(other.crl);
    }

    /** The issuer's name in its own encoding; it follows the algorithm, and the version if there is one. */
    private static Optional<String> malformedIssuer(X509CRL crl) throws CRLException {
        try {
            List<Der> fields = Der.parse(crl.getTBSCertList()).children(Der.SEQUENCE);
            NameForm.check(fields.get(fields.get(0).tag() == Der.INTEGER ? 2 : 1));
            return Optional.empty();
        } catch (MalformedDerException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Set<String> scope(X509CRL crl) {
        return SCOPES.stream()
                .filter(oid -> crl.getExtensionValue(oid) != null)
                // Successive delta CRLs build on different complete ones, but belong to one series.
                .map(oid -> oid.equals(DELTA) ? oid : oid + " " + HexFormat.of().formatHex(crl.getExtensionValue(oid)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean isCritical(X509CRLEntry entry) {
        Set<String> critical = entry.getCriticalExtensionOIDs();
        return critical != null && !critical.isEmpty();
    }

    private boolean isSignedBy(PublicKey key) {
        if (!Strength.isAffordable(key) || !Strength.isStrongSignature(crl)) {
            return false;
        }
        try {
            crl.verify(key);
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }
}
