// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.trust.Alert;
import dev.mcpmtls.trust.Rejection;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Our refusal on its way through a TLS engine: the engine turns it into an alert, and whoever watches the handshake finds the
 * findings again in the causes.
 */
final class RefusedPeerException extends CertificateException {

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

    Optional<Chain> presented() {
        return presented;
    }

    List<Rejection> findings() {
        return findings;
    }

    /** What to throw so that {@code engine} sends this refusal's alert. */
    CertificateException forEngine(TlsEngine engine) {
        return engine == TlsEngine.BORINGSSL
                ? new OpenSslCertificateException(getMessage(), this, verifyError(alert()))
                : this;
    }

    private Alert alert() {
        return findings.get(0).reason().alert();
    }

    /** The verify error that BoringSSL's SSL_alert_from_verify_result turns into the alert. */
    private static int verifyError(Alert alert) {
        return switch (alert) {
            case BAD_CERTIFICATE -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
            case UNSUPPORTED_CERTIFICATE -> CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
            case CERTIFICATE_REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
            case CERTIFICATE_EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            case UNKNOWN_CA -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
            case DECRYPT_ERROR -> CertificateVerifier.X509_V_ERR_CERT_SIGNATURE_FAILURE;
            case HANDSHAKE_FAILURE -> CertificateVerifier.X509_V_ERR_APPLICATION_VERIFICATION;
            // What the engine has no other alert for.
            case CERTIFICATE_UNKNOWN, ACCESS_DENIED, CERTIFICATE_REQUIRED ->
                CertificateVerifier.X509_V_ERR_SUBJECT_ISSUER_MISMATCH;
        };
    }

    /** A JDK client sends certificate_revoked for this cause, and certificate_unknown for any other; a JDK server always the latter. */
    private static @Nullable CertPathValidatorException pathFailure(Alert alert) {
        return alert == Alert.CERTIFICATE_REVOKED
                ? new CertPathValidatorException(alert.text(), null, null, -1, BasicReason.REVOKED)
                : null;
    }
}
