// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * The certificates with which verification starts.
 *
 * @param certificates may be empty only for relaxed and pinned policies
 */
public record TrustAnchors(List<X509Certificate> certificates) {

    /** The name of the anchors' file beside a credential's own files. */
    public static final String FILE = "ca.crt";

    /** Copies the list. */
    public TrustAnchors {
        certificates = List.copyOf(certificates);
    }

    /** No anchors: no certificate is trusted by its issuer. */
    public static TrustAnchors none() {
        return new TrustAnchors(List.of());
    }

    /**
     * Loads anchors from files of PEM certificates (or one DER certificate each).
     *
     * @throws UnusableCredentialException when a file is missing, too large, damaged, holds no certificate, or could have been written by
     *     others
     */
    public static TrustAnchors load(Path first, Path... more) {
        List<X509Certificate> all = new ArrayList<>(Chain.loadTrusted(first).certificates());
        for (Path file : more) {
            all.addAll(Chain.loadTrusted(file).certificates());
        }
        return new TrustAnchors(all);
    }
}
