// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.Alert;
import dev.mcpmtls.trust.Rejection;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Our refusal on its way through a TLS engine: the engine turns it into an alert, and the code that watches the handshake
 * reads the findings from the causes.
 */
public final class RefusedPeerException extends CertificateException {

    private static final long serialVersionUID = 1L;

    private final transient Optional<Chain> presented;
    private final transient List<Rejection> findings;

    RefusedPeerException(Optional<Chain> presented, List<Rejection> findings) {
        super(
                "refused the peer (" + findings.get(0).reason() + "): "
                        + findings.get(0).explain() + "; " + findings.get(0).remedy(),
                pathFailure(findings.get(0).reason().alert()));
        this.presented = presented;
        this.findings = List.copyOf(findings);
    }

    /** The chain that the peer sent; empty when nothing could be parsed. */
    public Optional<Chain> presented() {
        return presented;
    }

    /** Most serious first; at least one. */
    public List<Rejection> findings() {
        return findings;
    }

    /** A JDK client sends certificate_revoked for this cause, and certificate_unknown for any other; a JDK server always the latter. */
    private static @Nullable CertPathValidatorException pathFailure(Alert alert) {
        return alert == Alert.CERTIFICATE_REVOKED
                ? new CertPathValidatorException(alert.text(), null, null, -1, BasicReason.REVOKED)
                : null;
    }
}
