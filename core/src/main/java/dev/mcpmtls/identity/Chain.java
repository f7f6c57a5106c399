// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The certificates one side presents: leaf first, then intermediates, without the trust anchor.
 *
 * @param certificates leaf first; at least one
 */
public record Chain(List<X509Certificate> certificates) {

    private static final int MAX_BYTES = 4 * 1024 * 1024;

    /** Copies the list. */
    public Chain {
        certificates = List.copyOf(certificates);
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("a chain has at least one certificate");
        }
    }

    /**
     * Loads certificates from a file, in PEM or one in DER. For display and presentation only, because the file's writer is not
     * checked.
     *
     * @throws UnusableCredentialException when it is missing, unreadable, larger than 4 MiB, damaged, or holds no certificate
     */
    public static Chain load(Path file) {
        return load(file, MAX_BYTES);
    }

    /** As {@link #load(Path)}, with another limit in bytes. */
    public static Chain load(Path file, int maxBytes) {
        return parse(file, Pem.read(file, maxBytes));
    }

    /**
     * Parses the contents of a file of certificates, in PEM or one in DER.
     *
     * @throws UnusableCredentialException when they are damaged, or hold no certificate
     */
    public static Chain parse(Path file, byte[] contents) {
        List<byte[]> encodings = Pem.decode(file, contents, "CERTIFICATE");
        if (encodings.isEmpty()) {
            throw new UnusableCredentialException(
                    file + " holds no certificate" + ForeignKey.insteadOfACertificate(contents));
        }
        try {
            return parse(encodings);
        } catch (CertificateException e) {
            throw new UnusableCredentialException(
                    "cannot use the certificate in " + file + ": " + Printable.clean(String.valueOf(e.getMessage()))
                            + "; have it issued again, or restore the file",
                    e);
        }
    }

    /**
     * Parses certificates from their DER encodings, so that no cached state of another parser is trusted.
     *
     * @param encodings leaf first; at least one
     * @throws CertificateException when one of them is not an X.509 certificate
     */
    public static Chain parse(List<byte[]> encodings) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> parsed = new ArrayList<>();
        for (byte[] encoding : encodings) {
            X509Certificate certificate = parse(factory, encoding);
            // The factory also takes PEM, and ignores bytes after the certificate: neither is the presented encoding.
            if (!Arrays.equals(certificate.getEncoded(), encoding)) {
                throw new CertificateException("not exactly one DER certificate");
            }
            parsed.add(certificate);
        }
        return new Chain(parsed);
    }

    private static X509Certificate parse(CertificateFactory factory, byte[] encoding) throws CertificateException {
        try {
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoding));
        } catch (CertificateException e) {
            throw new CertificateException(Printable.causeOf(e), e);
        } catch (RuntimeException e) {
            throw new CertificateException("not a certificate", e); // crafted octets must not escape as anything else
        }
    }

    /** The end-entity certificate; its owner proves possession of its key. */
    public X509Certificate leaf() {
        return certificates.get(0);
    }

    /** The SHA-256 of the leaf's encoding, 64 lower-case hexadecimal digits. */
    public String leafSha256() {
        try {
            return Sha256.hex(leaf().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }
}
