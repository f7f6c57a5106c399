// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Certificates as EST sends them: PKCS#7 certs-only, in base64 (RFC 7030, section 4.1.3). Requests are base64 likewise. */
public final class CertsOnly {

    /** The media type. */
    public static final String MEDIA_TYPE = "application/pkcs7-mime";

    private static final int MOST_CERTIFICATES = 32;
    private static final Pattern WHITE_SPACE = Pattern.compile("[ \\t\\r\\n]+");
    private static final byte[] LINE_END = {'\r', '\n'};

    private CertsOnly() {}

    /** The body of an answer. */
    public static byte[] encode(List<X509Certificate> certificates) {
        try {
            return base64(CertificateFactory.getInstance("X.509")
                    .generateCertPath(certificates)
                    .getEncoded("PKCS7"));
        } catch (CertificateException e) {
            throw new IllegalStateException("parsed certificates encode", e);
        }
    }

    /**
     * Reads certificates back.
     *
     * @throws CertificateException when they are none, too many, or something else
     */
    static List<X509Certificate> decode(byte[] body) throws CertificateException {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(decodeBase64(body)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (certificates.isEmpty() || certificates.size() > MOST_CERTIFICATES) {
                throw new CertificateException(certificates.size() + " certificates in it");
            }
            return certificates;
        } catch (IllegalArgumentException e) {
            throw new CertificateException("not base64", e);
        }
    }

    /** Base64 in lines of 64 characters, the last one ended as well: openssl reads no other. */
    public static byte[] base64(byte[] content) {
        String lines = Base64.getMimeEncoder(64, LINE_END).encodeToString(content) + "\r\n";
        return lines.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads base64 with white space anywhere (RFC 8951, section 3.1), and nothing else.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static byte[] decodeBase64(byte[] body) {
        return Base64.getDecoder()
                .decode(WHITE_SPACE
                        .matcher(new String(body, StandardCharsets.ISO_8859_1))
                        .replaceAll(""));
    }
}
