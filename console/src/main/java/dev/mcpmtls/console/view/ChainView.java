// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Sha256;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A chain, leaf first, up to its trust anchor where that is known. */
final class ChainView {

    private ChainView() {}

    static List<Map<String, Object>> of(Chain chain, Collection<X509Certificate> anchors) {
        List<Map<String, Object>> view = new ArrayList<>();
        for (X509Certificate certificate : chain.certificates()) {
            view.add(certificate(view.isEmpty() ? "leaf" : "intermediate", certificate));
        }
        X509Certificate last = chain.certificates().get(chain.certificates().size() - 1);
        issuer(last, anchors).ifPresent(anchor -> view.add(certificate("anchor", anchor)));
        return view;
    }

    /** By name, and by signature where several anchors have that name. */
    private static Optional<X509Certificate> issuer(X509Certificate certificate, Collection<X509Certificate> anchors) {
        List<X509Certificate> named = anchors.stream()
                .filter(anchor -> anchor.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
                .distinct()
                .toList();
        return named.size() == 1
                ? Optional.of(named.get(0))
                : named.stream()
                        .filter(anchor -> isSignedBy(certificate, anchor))
                        .findFirst();
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (java.security.GeneralSecurityException e) {
            return false;
        }
    }

    static Map<String, Object> certificate(String role, X509Certificate certificate) {
        return new Members()
                .put("role", role)
                .put("subject", certificate.getSubjectX500Principal().getName())
                .put("issuer", certificate.getIssuerX500Principal().getName())
                .put("serialNumber", certificate.getSerialNumber().toString(16).toUpperCase(Locale.ROOT))
                .put("names", names(certificate))
                .put("notBefore", certificate.getNotBefore().toInstant())
                .put("notAfter", certificate.getNotAfter().toInstant())
                .put("key", key(certificate))
                .put("signature", certificate.getSigAlgName())
                .put("sha256", sha256(certificate))
                .asMap();
    }

    /** As access rules write them, where rules can name them. */
    private static List<String> names(X509Certificate certificate) {
        try {
            return AlternativeNames.of(certificate).printable().stream()
                    .map(name -> name.startsWith("URI:") ? name.substring(4) : name)
                    .map(name -> name.startsWith("DNS:") ? "dns:" + name.substring(4) : name)
                    .map(name -> name.startsWith("IP:") ? "ip:" + name.substring(3) : name)
                    .toList();
        } catch (MalformedDerException e) {
            return List.of("malformed");
        }
    }

    private static String key(X509Certificate certificate) {
        if (certificate.getPublicKey() instanceof ECPublicKey ec) {
            return "EC P-" + ec.getParams().getOrder().bitLength();
        }
        return certificate.getPublicKey() instanceof RSAPublicKey rsa
                ? "RSA " + rsa.getModulus().bitLength()
                : certificate.getPublicKey().getAlgorithm();
    }

    private static String sha256(X509Certificate certificate) {
        try {
            return Sha256.hex(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }
}
