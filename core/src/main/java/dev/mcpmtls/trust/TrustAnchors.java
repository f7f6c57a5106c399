// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Pem;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * The certificates where verification starts.
 *
 * @param certificates may be empty only for relaxed and pinned policies
 */
public record TrustAnchors(List<X509Certificate> certificates) {

    /** The name of the anchors' file beside a credential's own files. */
    public static final String FILE = "ca.crt";

    private static final int MAX_BYTES = 4 * 1024 * 1024;

    /** Copies the list. */
    public TrustAnchors {
        certificates = List.copyOf(certificates);
    }

    /** No anchors: nothing is trusted by its issuer. */
    public static TrustAnchors none() {
        return new TrustAnchors(List.of());
    }

    /**
     * Loads anchors from files of PEM certificates (or one DER certificate each).
     *
     * @throws UnusableCredentialException when a file is missing, too large, damaged or holds no certificate
     */
    public static TrustAnchors load(Path first, Path... more) {
        List<X509Certificate> all = new ArrayList<>(read(first));
        for (Path file : more) {
            all.addAll(read(file));
        }
        return new TrustAnchors(all);
    }

    private static List<X509Certificate> read(Path file) {
        List<byte[]> encodings = Pem.decode(file, Pem.readTrusted(file, MAX_BYTES), "CERTIFICATE");
        if (encodings.isEmpty()) {
            throw new UnusableCredentialException(file + " holds no certificate; expected the trust anchors in PEM");
        }
        try {
            return Chain.parse(encodings).certificates();
        } catch (CertificateException e) {
            throw new UnusableCredentialException(file + " holds a damaged certificate; fetch it again", e);
        }
    }
}
