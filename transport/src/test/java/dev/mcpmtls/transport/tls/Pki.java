// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.TrustAnchors;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority for one test. */
final class Pki {

    private static final AtomicLong SERIAL = new AtomicLong(1000);

    private final KeyPair key = keyPair();
    private final X500Name name;
    private final X509Certificate certificate;

    Pki(String commonName) {
        name = new X500Name("CN=" + commonName);
        certificate = sign(name, key, key, name, Instant.now().plus(Duration.ofDays(1)), true, List.of(), "");
    }

    TrustAnchors anchors() {
        return new TrustAnchors(List.of(certificate));
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** A credential good for both roles, for localhost and 127.0.0.1. */
    Credential issue(String commonName) {
        return issue(commonName, Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth);
    }

    Credential issue(String commonName, Duration left, KeyPurposeId... purposes) {
        KeyPair own = keyPair();
        X509Certificate leaf = sign(
                new X500Name("CN=" + commonName),
                own,
                key,
                name,
                Instant.now().plus(left),
                false,
                List.of(purposes),
                commonName);
        return Credential.of(commonName, own.getPrivate(), new Chain(List.of(leaf)));
    }

    /** The same credential with a signature of the certificate that does not verify. */
    static Credential corrupted(Credential good) throws Exception {
        byte[] der = good.chain().leaf().getEncoded();
        der[der.length - 4] ^= 1;
        X509Certificate bad = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        return Credential.of(good.name(), good.privateKey(), new Chain(List.of(bad)));
    }

    /** Writes {@code NAME.crt} and {@code NAME.key} for openssl and curl. */
    static Path write(Path directory, Credential credential) throws Exception {
        Files.writeString(
                directory.resolve(credential.name() + ".crt"),
                pem("CERTIFICATE", credential.chain().leaf().getEncoded()));
        return Files.writeString(
                directory.resolve(credential.name() + ".key"),
                pem("PRIVATE KEY", credential.privateKey().getEncoded()));
    }

    static String pem(String type, byte[] der) {
        StringWriter out = new StringWriter();
        out.append("-----BEGIN ").append(type).append("-----\n");
        out.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
        out.append("\n-----END ").append(type).append("-----\n");
        return out.toString();
    }

    private static X509Certificate sign(
            X500Name subject,
            KeyPair own,
            KeyPair signer,
            X500Name issuer,
            Instant notAfter,
            boolean authority,
            List<KeyPurposeId> purposes,
            String commonName) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.valueOf(SERIAL.incrementAndGet()),
                    Date.from(Instant.now().minus(Duration.ofDays(2))),
                    Date.from(notAfter),
                    subject,
                    own.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (!authority) {
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes.toArray(new KeyPurposeId[0])));
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                    new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://test.local/agent/" + commonName),
                    new GeneralName(GeneralName.dNSName, "localhost"),
                    new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                }));
            }
            byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
