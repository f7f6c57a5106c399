// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.files.Reload;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One credential and its files. A replacement must be as good as the credential in use. */
final class CredentialFiles implements Reload {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialFiles.class);

    /** Findings that an operator may intend: a server's certificate from a public authority, say, while its clients have a private one. */
    private static final Set<Reason> MAY_BE_WANTED = EnumSet.of(Reason.UNTRUSTED_ISSUER, Reason.REVOCATION_UNKNOWN);

    /** Public authorities issue no certificates for clients any more, but no client accepts a server without the purpose. */
    private static final Set<Reason> MAY_BE_WANTED_BY_CLIENTS =
            EnumSet.of(Reason.UNTRUSTED_ISSUER, Reason.REVOCATION_UNKNOWN, Reason.WRONG_PURPOSE);

    private final Path location;
    private final Supplier<Credential> loader;
    private final Purpose purpose;
    private final ChainVerifier verifier;
    private final AuditSink audit;
    private final InstantSource clock;
    private final ReplaceableCredential source;

    CredentialFiles(
            Path location,
            Supplier<Credential> loader,
            Purpose purpose,
            ChainVerifier verifier,
            AuditSink audit,
            InstantSource clock) {
        this.location = location;
        this.loader = loader;
        this.purpose = purpose;
        this.verifier = verifier;
        this.audit = audit;
        this.clock = clock;
        this.source = new ReplaceableCredential(first());
    }

    CredentialSource source() {
        return source;
    }

    private Credential first() {
        Credential credential = loader.get();
        credential.warnings().forEach(LOG::warn);
        for (Rejection finding : verifier.examine(credential.chain(), purpose)) {
            boolean mayStart = verifier.policy().validation() == Validation.RELAXED
                    || mayBeWanted().contains(finding.reason());
            if (!mayStart) {
                throw unusable(finding, credential);
            }
            LOG.warn("{}: {}; {}", location, finding.explain(), credential.remedy(finding.remedy()));
        }
        verifier.presents(credential.chain());
        audit.record(new AuditEvent.CredentialLoaded(clock.instant(), credential.name(), credential.chain()));
        return credential;
    }

    @Override
    public boolean recognisesTornFiles() {
        return true;
    }

    @Override
    public void attempt(boolean recovering) {
        Credential next = loader.get();
        Credential last = source.current();
        boolean isSame = next.chain().equals(last.chain());
        if (isSame && !recovering) {
            return;
        }
        if (!isSame) {
            refuseWorse(next, last);
            verifier.presents(next.chain());
            source.replace(next);
        }
        next.warnings().forEach(LOG::warn);
        LOG.info(
                "reloaded the credential {}: serial number {}, expires {}",
                next.name(),
                next.chain().leaf().getSerialNumber().toString(16),
                next.chain().leaf().getNotAfter().toInstant());
        audit.record(new AuditEvent.CredentialReloaded(clock.instant(), next.name(), next.chain()));
    }

    private void refuseWorse(Credential next, Credential last) {
        Set<Reason> tolerated = reasons(verifier.examine(last.chain(), purpose));
        tolerated.retainAll(mayBeWanted());
        tolerated.add(Reason.REVOCATION_UNKNOWN);
        for (Rejection finding : verifier.examine(next.chain(), purpose)) {
            if (!tolerated.contains(finding.reason())) {
                throw unusable(finding, next);
            }
        }
    }

    @Override
    public void failed(String why) {
        String name = source.current().name();
        LOG.warn("the new credential {} is not used, the last good one stays: {}", name, why);
        audit.record(new AuditEvent.CredentialReloadFailed(clock.instant(), name, why));
    }

    private UnusableCredentialException unusable(Rejection finding, Credential of) {
        return new UnusableCredentialException(
                location.resolve(Credential.CHAIN_FILE) + ": " + finding.explain(), of.remedy(finding.remedy()));
    }

    private Set<Reason> mayBeWanted() {
        return purpose == Purpose.SERVER ? MAY_BE_WANTED : MAY_BE_WANTED_BY_CLIENTS;
    }

    private static Set<Reason> reasons(List<Rejection> findings) {
        return findings.stream()
                .map(Rejection::reason)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Reason.class)));
    }
}
