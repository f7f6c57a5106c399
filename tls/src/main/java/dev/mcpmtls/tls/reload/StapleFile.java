// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.files.Reload;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.OcspResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The OCSP response in a file, while it is valid for the credential in use; an earlier response never replaces an invalid one. */
@SuppressWarnings("ReferenceEquality") // verified for the very credential that was there
final class StapleFile implements Reload, Supplier<Optional<OcspResponse>> {

    private static final Logger LOG = LoggerFactory.getLogger(StapleFile.class);

    private final Path file;
    private final CredentialSource credential;
    private final ChainVerifier verifier;
    private final AuditSink audit;
    private final InstantSource clock;
    private volatile Optional<OcspResponse> good = Optional.empty();
    private @Nullable Credential verifiedFor;

    StapleFile(Path file, CredentialSource credential, ChainVerifier verifier, AuditSink audit, InstantSource clock) {
        this.file = file;
        this.credential = credential;
        this.verifier = verifier;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public Optional<OcspResponse> get() {
        return good;
    }

    @Override
    public boolean recognisesTornFiles() {
        return true;
    }

    @Override
    public boolean isStale() {
        return credential.current() != verifiedFor
                || good.filter(response -> !response.holds(clock.instant())).isPresent();
    }

    @Override
    public void attempt(boolean recovering) {
        Credential current = credential.current();
        verifiedFor = current;
        try {
            OcspResponse next =
                    OcspResponse.load(file, current.chain(), verifier.policy().anchors(), clock.instant());
            good = Optional.of(next);
            LOG.info("in force: {}, until {}", name(), next.nextUpdate());
        } catch (RuntimeException e) {
            good = Optional.empty();
            throw e;
        }
        audit.record(new AuditEvent.TrustReloaded(clock.instant(), name()));
    }

    @Override
    public void failed(String why) {
        LOG.warn("no OCSP response is stapled for {}: {}", credential.current().name(), why);
        audit.record(new AuditEvent.TrustReloadFailed(clock.instant(), name(), why));
    }

    private String name() {
        return "OCSP response " + file + " for " + credential.current().name();
    }
}
