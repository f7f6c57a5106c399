// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorException;

/** A CRL to write; valid and empty at first, current for a day from a minute before the authority's time. */
public final class ThrowawayCrl {

    /** An unknown entry extension. */
    private static final Extensions UNKNOWN_CRITICAL =
            new Extensions(new Extension(new ASN1ObjectIdentifier("1.3.6.1.4.1.55738.666.1"), true, new byte[] {5, 0}));

    private record Extra(String oid, boolean critical, ASN1Encodable value) {}

    private final Issued issuer;
    private final Set<BigInteger> revoked = new LinkedHashSet<>();
    private final Set<BigInteger> unintelligible = new LinkedHashSet<>();
    private final Set<Extra> extras = new LinkedHashSet<>();
    private Instant thisUpdate;
    private Optional<Instant> nextUpdate;
    private Optional<BigInteger> number = Optional.of(BigInteger.ONE);
    private Optional<String> signatureAlgorithm = Optional.empty();

    ThrowawayCrl(Issued issuer, Instant now) {
        this.issuer = issuer;
        this.thisUpdate = now.minus(Duration.ofMinutes(1));
        this.nextUpdate = Optional.of(now.plus(Duration.ofDays(1)));
    }

    /** Revokes a certificate. */
    public ThrowawayCrl revoke(X509Certificate certificate) {
        revoked.add(certificate.getSerialNumber());
        return this;
    }

    /** Lists a serial number with an unknown critical extension. */
    public ThrowawayCrl listUnintelligibly(long serialNumber) {
        unintelligible.add(BigInteger.valueOf(serialNumber));
        return this;
    }

    /** The time for which it is current; an empty end omits nextUpdate. */
    public ThrowawayCrl current(Instant from, Optional<Instant> until) {
        thisUpdate = from;
        nextUpdate = until;
        return this;
    }

    /** Omits the CRL number. */
    public ThrowawayCrl unnumbered() {
        number = Optional.empty();
        return this;
    }

    /** The CRL number; 1 by default. */
    public ThrowawayCrl number(long value) {
        number = Optional.of(BigInteger.valueOf(value));
        return this;
    }

    /** Adds any extension. */
    public ThrowawayCrl extension(String oid, boolean critical, ASN1Encodable value) {
        extras.add(new Extra(oid, critical, value));
        return this;
    }

    /** The JCA name of the signature algorithm. */
    public ThrowawayCrl signedWith(String algorithm) {
        signatureAlgorithm = Optional.of(algorithm);
        return this;
    }

    /** The DER encoding. */
    public byte[] encoded() {
        try {
            X509v2CRLBuilder builder = new X509v2CRLBuilder(
                    X500Name.getInstance(issuer.leaf().getSubjectX500Principal().getEncoded()), Date.from(thisUpdate));
            nextUpdate.ifPresent(until -> builder.setNextUpdate(Date.from(until)));
            revoked.forEach(serial -> builder.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise));
            unintelligible.forEach(serial -> builder.addCRLEntry(serial, Date.from(thisUpdate), UNKNOWN_CRITICAL));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils()
                            .createAuthorityKeyIdentifier(issuer.leaf().getPublicKey()));
            if (number.isPresent()) {
                builder.addExtension(Extension.cRLNumber, false, new CRLNumber(number.get()));
            }
            for (Extra extra : extras) {
                builder.addExtension(new ASN1ObjectIdentifier(extra.oid()), extra.critical(), extra.value());
            }
            String algorithm = signatureAlgorithm.orElseGet(() -> Signing.algorithmFor(issuer.privateKey()));
            return builder.build(Signing.signer(algorithm, issuer.privateKey())).getEncoded();
        } catch (GeneralSecurityException | IOException | OperatorException e) {
            throw new IllegalStateException("cannot make the CRL", e);
        }
    }

    /** Writes it as PEM. */
    public Path writeTo(Path file) {
        try {
            return Files.writeString(file, Issued.pem("X509 CRL", encoded()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
