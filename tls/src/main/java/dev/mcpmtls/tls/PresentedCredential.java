// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.tls.reload.CredentialSource;
import java.security.interfaces.ECPublicKey;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last credential of a source that the engine can present; one that it cannot is recorded. */
final class PresentedCredential {

    private static final Logger LOG = LoggerFactory.getLogger(PresentedCredential.class);
    private static final Set<String> BORINGSSL_KEYS = Set.of("EC", "RSA");
    private static final Set<String> JDK_KEYS = Set.of("EC", "RSA", "EdDSA");
    private static final int P521_BITS = 521;

    private final CredentialSource source;
    private final TlsEngine engine;
    private final AuditSink audit;
    private final InstantSource clock;
    private volatile Credential current;

    /**
     * Starts with the source's current credential.
     *
     * @throws UnusableCredentialException when the engine cannot present it
     */
    PresentedCredential(CredentialSource source, TlsEngine engine, AuditSink audit, InstantSource clock) {
        this.source = source;
        this.engine = engine;
        this.audit = audit;
        this.clock = clock;
        this.current = requirePresentable(source.current());
        source.onChange(this::take);
    }

    Credential current() {
        return current;
    }

    private synchronized void take() {
        Credential next = source.current();
        if (next == current) {
            return;
        }
        try {
            current = requirePresentable(next);
        } catch (UnusableCredentialException e) {
            LOG.error("{}; the last good credential stays", e.getMessage());
            audit.record(new AuditEvent.CredentialReloadFailed(
                    clock.instant(), next.name(), String.valueOf(e.getMessage())));
        }
    }

    /** Asked before it is too late: an engine finds out only in the next handshake, which it then fails. */
    private Credential requirePresentable(Credential credential) {
        if (isPresentable(credential)) {
            return credential.requireSigning("the credential " + credential.name());
        }
        throw new UnusableCredentialException("the key of " + credential.name() + " is " + kind(credential)
                + ", which the TLS engine " + engine.text() + " does not present; issue a credential with an EC P-256 "
                + (engine == TlsEngine.JDK ? "key" : "or P-384 key, or use the engine 'jdk' (tls.engine: jdk)"));
    }

    private boolean isPresentable(Credential credential) {
        String algorithm = credential.privateKey().getAlgorithm();
        return engine == TlsEngine.JDK
                ? JDK_KEYS.contains(algorithm)
                : BORINGSSL_KEYS.contains(algorithm) && !isP521(credential);
    }

    /** BoringSSL neither makes nor offers signatures with ecdsa_secp521r1_sha512. */
    private static boolean isP521(Credential credential) {
        return credential.chain().leaf().getPublicKey() instanceof ECPublicKey key
                && key.getParams().getCurve().getField().getFieldSize() == P521_BITS;
    }

    private static String kind(Credential credential) {
        return isP521(credential) ? "EC P-521" : credential.privateKey().getAlgorithm();
    }
}
