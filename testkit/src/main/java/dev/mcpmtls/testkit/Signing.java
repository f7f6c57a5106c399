// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Turns a specification into a certificate. */
final class Signing {

    static final Provider PROVIDER = new BouncyCastleProvider();

    private Signing() {}

    /**
     * Signs a certificate.
     *
     * @param issuer null for a self-signed certificate
     */
    static X509Certificate sign(CertificateSpec spec, KeyPair issuerKeys, @Nullable X509Certificate issuer) {
        try {
            X500Name issuerName = issuer == null
                    ? spec.subject
                    : X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded());
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    spec.issuer.orElse(issuerName),
                    spec.serialNumber,
                    Date.from(spec.notBefore),
                    Date.from(spec.notAfter),
                    spec.subject,
                    spec.keys.getPublic());
            identifiers(spec, issuerKeys, builder);
            for (Extension extension : spec.extensions.values()) {
                builder.addExtension(extension);
            }
            String algorithm = spec.signatureAlgorithm.orElseGet(() -> algorithmFor(issuerKeys.getPrivate()));
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(signer(algorithm, issuerKeys.getPrivate())));
        } catch (GeneralSecurityException | IOException | OperatorException e) {
            throw new IllegalStateException("cannot make the certificate", e);
        }
    }

    static ContentSigner signer(String algorithm, PrivateKey key) throws OperatorException {
        JcaContentSignerBuilder signer = new JcaContentSignerBuilder(algorithm);
        // The JDK has no name for the former, and takes several times as long for the latter.
        if (algorithm.endsWith("andMGF1") || algorithm.endsWith("withECDSA")) {
            signer.setProvider(PROVIDER);
        }
        return signer.build(key);
    }

    static String algorithmFor(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "DSA" -> "SHA256withDSA";
            default -> "Ed25519";
        };
    }

    private static void identifiers(CertificateSpec spec, KeyPair issuerKeys, X509v3CertificateBuilder builder)
            throws GeneralSecurityException, IOException {
        JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
        if (spec.subjectKey && !spec.extensions.containsKey(Extension.subjectKeyIdentifier.getId())) {
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    extensions.createSubjectKeyIdentifier(spec.keys.getPublic()));
        }
        if (spec.authorityKey && !spec.extensions.containsKey(Extension.authorityKeyIdentifier.getId())) {
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(issuerKeys.getPublic()));
        }
    }
}
