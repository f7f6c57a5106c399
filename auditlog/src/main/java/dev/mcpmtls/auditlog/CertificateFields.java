// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The fields of a certificate in the log, under the schema's {@code x509} names. */
final class CertificateFields {

    private static final int CACHED = 256;
    // The same peers return with every call, and the names of a certificate are slow to format.
    private static final Map<X509Certificate, Map<String, Object>> cache =
            Collections.synchronizedMap(new LinkedHashMap<>(CACHED, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<X509Certificate, Map<String, Object>> eldest) {
                    return size() > CACHED;
                }
            });

    private CertificateFields() {}

    static Map<String, Object> of(Chain chain) {
        return cache.computeIfAbsent(chain.leaf(), leaf -> read(chain));
    }

    /** Upper-case hexadecimal without separators, as the schema demands for serial numbers. */
    static String serialNumber(BigInteger serial) {
        return serial.toString(16).toUpperCase(Locale.ROOT);
    }

    private static Map<String, Object> read(Chain chain) {
        X509Certificate leaf = chain.leaf();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "x509.subject.distinguished_name",
                leaf.getSubjectX500Principal().getName());
        fields.put(
                "x509.issuer.distinguished_name", leaf.getIssuerX500Principal().getName());
        fields.put("x509.serial_number", serialNumber(leaf.getSerialNumber()));
        fields.put("x509.not_before", leaf.getNotBefore().toInstant().toString());
        fields.put("x509.not_after", leaf.getNotAfter().toInstant().toString());
        fields.put("x509.alternative_names", alternativeNames(leaf));
        fields.put("hash.sha256", chain.leafSha256());
        return fields;
    }

    /** The names from the encoding, because validation can change the certificate object's own list. */
    private static List<String> alternativeNames(X509Certificate leaf) {
        try {
            return AlternativeNames.of(leaf).printable();
        } catch (MalformedDerException e) {
            return List.of("malformed");
        }
    }
}
