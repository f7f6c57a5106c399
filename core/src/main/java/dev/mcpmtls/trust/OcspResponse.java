// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Pem;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A statement by a certificate's issuer, or the issuer's responder, that the certificate is not revoked. Objects of this type
 * were verified: their signer, their certificate, and the status "good". Callers check the time with {@link #holds}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6960">RFC 6960</a>
 */
public final class OcspResponse {

    private static final int MAX_BYTES = 1 << 14;

    private final X509Certificate certificate;
    private final byte[] encoding;
    private final OcspAnswer answer;

    private OcspResponse(X509Certificate certificate, byte[] encoding, OcspAnswer answer) {
        this.certificate = certificate;
        this.encoding = encoding;
        this.answer = answer;
    }

    /**
     * Reads a response about a chain's leaf and verifies it, without network access.
     *
     * @param file DER, as {@code openssl ocsp -respout} writes it: about one certificate, named by SHA-1 (RFC 5019), with nextUpdate;
     *     16 KiB at most
     * @param chain in which, or else among {@code anchors}, the leaf's issuer is
     * @throws UnusableCredentialException when it is not a current "good"; names the file, the reason and the remedy
     */
    public static OcspResponse load(Path file, Chain chain, TrustAnchors anchors, Instant now) {
        if (Files.notExists(file)) {
            throw unusable(
                    file, "does not exist; have it written by the job that asks the responder, or correct the path");
        }
        byte[] encoding = Pem.read(file, MAX_BYTES);
        OcspAnswer answer = parse(file, encoding);
        X509Certificate leaf = chain.leaf();
        if (!answer.serialNumber().equals(leaf.getSerialNumber())) {
            throw unusable(
                    file,
                    "is about the certificate with serial number "
                            + answer.serialNumber().toString(16) + ", not "
                            + leaf.getSerialNumber().toString(16)
                            + "; ask the responder about the certificate in use");
        }
        if (!answer.holds(now)) {
            throw unusable(
                    file,
                    "is valid from " + answer.thisUpdate() + " until " + answer.nextUpdate()
                            + ", not now; ask the responder for a new one, and compare the clocks");
        }
        X509Certificate issuer = issuer(chain, anchors)
                .orElseThrow(() -> unusable(
                        file,
                        "cannot be verified without the certificate of the issuer, "
                                + Printable.clean(leaf.getIssuerX500Principal().getName())
                                + "; add it to the chain after the leaf, or to the trust anchors"));
        verify(file, encoding, leaf, issuer, now);
        if (!answer.isGood()) {
            throw notGood(file);
        }
        return new OcspResponse(leaf, encoding, answer);
    }

    /** Whether it is about this certificate. */
    public boolean isAbout(X509Certificate other) {
        return certificate.equals(other);
    }

    /** Whether it is current at this time: from thisUpdate until just before nextUpdate. */
    public boolean holds(Instant at) {
        return answer.holds(at);
    }

    /** Its nextUpdate. */
    public Instant nextUpdate() {
        return answer.nextUpdate();
    }

    /** A copy of its DER encoding. */
    public byte[] encoded() {
        return encoding.clone();
    }

    private static OcspAnswer parse(Path file, byte[] encoding) {
        try {
            return OcspAnswer.parse(encoding);
        } catch (MalformedDerException e) {
            throw unusable(file, "holds no usable OCSP response (" + e.getMessage() + "); ask the responder again", e);
        }
    }

    private static Optional<X509Certificate> issuer(Chain chain, TrustAnchors anchors) {
        X509Certificate leaf = chain.leaf();
        return Stream.concat(chain.certificates().stream().skip(1), anchors.certificates().stream())
                .filter(candidate -> candidate.getSubjectX500Principal().equals(leaf.getIssuerX500Principal()))
                .filter(candidate -> isSigned(leaf, candidate))
                .findFirst();
    }

    private static boolean isSigned(X509Certificate leaf, X509Certificate issuer) {
        try {
            leaf.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The platform verifies signature, signer, certificate and status; it uses the response instead of the network. */
    private static void verify(Path file, byte[] encoding, X509Certificate leaf, X509Certificate issuer, Instant now) {
        try {
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
            checker.setOcspResponses(Map.of(leaf, encoding));
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
            parameters.setDate(Date.from(now));
            parameters.addCertPathChecker(checker);
            CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
            validator.validate(path, parameters);
        } catch (CertPathValidatorException e) {
            throw e.getReason() == BasicReason.REVOKED
                    ? notGood(file)
                    : unusable(file, "is not a valid response (" + innermost(e) + "); ask the responder again", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform verifies OCSP responses", e);
        }
    }

    /** The reason, without the platform's wording about a network that was not used. */
    private static String innermost(Throwable thrown) {
        return thrown.getCause() == null ? String.valueOf(thrown.getMessage()) : innermost(thrown.getCause());
    }

    private static UnusableCredentialException notGood(Path file) {
        return unusable(file, "says that the certificate is revoked, or unknown; replace the certificate");
    }

    private static UnusableCredentialException unusable(Path file, String why) {
        return new UnusableCredentialException(file + " " + why);
    }

    private static UnusableCredentialException unusable(Path file, String why, Exception cause) {
        return new UnusableCredentialException(file + " " + why, cause);
    }
}
