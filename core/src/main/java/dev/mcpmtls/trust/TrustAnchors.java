// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.nio.file.Path;
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
        List<X509Certificate> all = new ArrayList<>(Chain.load(first, MAX_BYTES).certificates());
        for (Path file : more) {
            all.addAll(Chain.load(file, MAX_BYTES).certificates());
        }
        return new TrustAnchors(all);
    }
}
