// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/** An OCSP response to write; valid at first: good, signed by the issuer, current for a day from a minute ago. */
public final class ThrowawayOcsp {

    private final X509Certificate issuer;
    private final X509Certificate[] about;
    private Issued signer;
    private @Nullable CertificateStatus status = CertificateStatus.GOOD;
    private Instant thisUpdate;
    private Optional<Instant> nextUpdate;

    ThrowawayOcsp(Issued issuer, Instant now, X509Certificate... about) {
        this.issuer = issuer.leaf();
        this.about = about;
        this.signer = issuer;
        this.thisUpdate = now.minus(Duration.ofMinutes(1));
        this.nextUpdate = Optional.of(now.plus(Duration.ofDays(1)));
    }

    /** Says that the certificate was, or will be, revoked. */
    public ThrowawayOcsp revoked(Instant since) {
        status = new RevokedStatus(Date.from(since), CRLReason.keyCompromise);
        return this;
    }

    /** Says that the certificate is not known. */
    public ThrowawayOcsp unknown() {
        status = new UnknownStatus();
        return this;
    }

    /** The time for which it is current; an empty end omits nextUpdate. */
    public ThrowawayOcsp current(Instant from, Optional<Instant> until) {
        thisUpdate = from;
        nextUpdate = until;
        return this;
    }

    /** Lets another signer sign, and encloses its certificate. */
    public ThrowawayOcsp signedBy(Issued other) {
        signer = other;
        return this;
    }

    /** The DER encoding. */
    public byte[] encoded() {
        try {
            PublicKey key = signer.leaf().getPublicKey();
            DigestCalculator sha1 =
                    new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1);
            BasicOCSPRespBuilder builder = new JcaBasicOCSPRespBuilder(key, sha1);
            for (X509Certificate certificate : about) {
                builder.addResponse(
                        new CertificateID(sha1, new JcaX509CertificateHolder(issuer), certificate.getSerialNumber()),
                        status,
                        Date.from(thisUpdate),
                        nextUpdate.map(Date::from).orElse(null));
            }
            X509CertificateHolder[] enclosed = {new JcaX509CertificateHolder(signer.leaf())};
            return new OCSPRespBuilder()
                    .build(
                            OCSPRespBuilder.SUCCESSFUL,
                            builder.build(
                                    Signing.signer(Signing.algorithmFor(signer.privateKey()), signer.privateKey()),
                                    enclosed,
                                    Date.from(thisUpdate)))
                    .getEncoded();
        } catch (GeneralSecurityException | IOException | OperatorException | OCSPException e) {
            throw new IllegalStateException("cannot make the OCSP response", e);
        }
    }

    /** Writes it as DER. */
    public Path writeTo(Path file) {
        try {
            return Files.write(file, encoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
