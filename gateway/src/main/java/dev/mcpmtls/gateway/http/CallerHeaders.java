// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.trust.Peer;
import io.vertx.core.http.HttpHeaders;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The headers that name the caller to a server: RFC 9440's, and the identity that was verified. */
final class CallerHeaders {

    static final String CERTIFICATE = "Client-Cert";
    static final String CHAIN = "Client-Cert-Chain";
    static final String IDENTITY = "X-Mcp-Mtls-Identity";

    // Servers accept 8 to 16 KiB of headers; intermediates help only those that verify again.
    private static final int MAX_CHAIN = 6 * 1024;

    private CallerHeaders() {}

    /** By name, in a form that is encoded by copying: they are sent with every call. */
    static Map<String, CharSequence> of(Peer peer) {
        List<X509Certificate> chain = peer.chain().certificates();
        Map<String, CharSequence> headers = new LinkedHashMap<>();
        headers.put(CERTIFICATE, HttpHeaders.createOptimized(item(chain.get(0))));
        String rest = chain.stream().skip(1).map(CallerHeaders::item).collect(Collectors.joining(", "));
        if (!rest.isEmpty() && rest.length() <= MAX_CHAIN) {
            headers.put(CHAIN, HttpHeaders.createOptimized(rest));
        }
        String identity = peer.identity().text();
        if (identity.matches("[!-~]+")) {
            headers.put(IDENTITY, HttpHeaders.createOptimized(identity));
        }
        return headers;
    }

    /** A byte sequence of structured fields (RFC 8941 section 3.3.5). */
    private static String item(X509Certificate certificate) {
        try {
            return ':' + Base64.getEncoder().encodeToString(certificate.getEncoded()) + ':';
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was parsed has an encoding", e);
        }
    }
}
