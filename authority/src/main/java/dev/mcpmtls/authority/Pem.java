// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/** The text form of certificates, CRLs and keys (RFC 7468), with Java's own classes. */
final class Pem {

    private Pem() {}

    static byte[] certificates(List<X509Certificate> certificates) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            for (X509Certificate certificate : certificates) {
                out.writeBytes(block("CERTIFICATE", certificate.getEncoded()));
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
        return out.toByteArray();
    }

    static byte[] crl(byte[] encoding) {
        return block("X509 CRL", encoding);
    }

    /** PKCS#8. The caller wipes the result. */
    static byte[] key(PrivateKey key, PublicKey publicKey) {
        byte[] encoding = Pkcs8.encode(key, publicKey);
        try {
            return block("PRIVATE KEY", encoding);
        } finally {
            Arrays.fill(encoding, (byte) 0);
        }
    }

    /**
     * Reads certificates back, in the order of the file.
     *
     * @throws CertificateException when there is none, or something else
     */
    static List<X509Certificate> parseCertificates(byte[] pem) throws CertificateException {
        List<X509Certificate> certificates =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                        .map(X509Certificate.class::cast)
                        .toList();
        if (certificates.isEmpty()) {
            throw new CertificateException("no certificate in it");
        }
        return certificates;
    }

    /** Whether a key in PEM needs a passphrase. */
    static boolean isEncrypted(byte[] pem) {
        return new String(pem, StandardCharsets.US_ASCII).contains("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    }

    /** One block of that label. */
    static byte[] block(String label, byte[] encoding) {
        return dev.mcpmtls.identity.Pem.encode(label, encoding);
    }
}
