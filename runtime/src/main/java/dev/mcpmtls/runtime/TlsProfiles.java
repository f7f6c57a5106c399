// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.LimitKeys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.tls.revocation.CrlFetch;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes TLS profiles of settings, for processes that read their files once and for those that follow them. */
public final class TlsProfiles {

    private static final Logger log = LoggerFactory.getLogger(TlsProfiles.class);
    private static final Duration FETCH_PATIENCE = Duration.ofSeconds(5);

    private TlsProfiles() {}

    /** The profile of a short-lived process, which reads the files once. */
    public static TlsProfile profile(Settings settings, String credential, AuditSink audit) {
        requireOwnStore(settings);
        Credential own = ConfiguredCredentials.named(settings, credential);
        ChainVerifier verifier = verifier(settings, ConfiguredCredentials.location(settings, credential));
        fetchRevocationLists(own, verifier, audit);
        return profile(settings, CredentialSource.fixed(own), verifier, audit).build();
    }

    /** Fetches the CRLs that our own chain names, mostly those of the peers as well: a short-lived process cannot wait to learn theirs. */
    private static void fetchRevocationLists(Credential own, ChainVerifier verifier, AuditSink audit) {
        verifier.policy().revocation().distributionPoints().ifPresent(points -> {
            var unused = verifier.examine(own.chain(), Purpose.CLIENT);
            try (CrlFetch fetch = new CrlFetch(points, audit, InstantSource.system())) {
                fetch.once(FETCH_PATIENCE);
            }
        });
    }

    /**
     * The profile of a server. Files that change are read again. A credential that strict validation would reject is refused now,
     * rather than by every client.
     */
    static TlsProfile watchedProfile(Settings settings, String credential, FileWatch watch, AuditSink audit) {
        return watchedProfile(settings, credential, Purpose.SERVER, watch, audit);
    }

    /** The profile of a client that runs for long: its files are read again when they change. */
    public static TlsProfile watchedClientProfile(
            Settings settings, String credential, FileWatch watch, AuditSink audit) {
        TlsProfile profile = watchedProfile(settings, credential, Purpose.CLIENT, watch, audit);
        fetchRevocationLists(profile.credential(), profile.verifier(), audit);
        return profile;
    }

    private static TlsProfile watchedProfile(
            Settings settings, String credential, Purpose purpose, FileWatch watch, AuditSink audit) {
        Path location = ConfiguredCredentials.location(settings, credential);
        ChainVerifier verifier = verifier(settings, location);
        tellOfTolerances(verifier.policy().tolerances(), location, audit);
        tellOfUnusableLists(verifier.policy());
        if (verifier.policy().validation() != Validation.PINNED) {
            watch.anchors(verifier, new ConfiguredAnchors(settings, location));
        }
        List<Path> lists = new ArrayList<>(ConfiguredTrust.revocationLists(settings));
        settings.find(TlsKeys.DENY_LIST).map(settings::inStore).ifPresent(lists::add);
        if (!lists.isEmpty()) {
            watch.revocation(verifier, lists);
        }
        watch.distributionPoints(verifier);
        CredentialSource source =
                watch.credential(location, () -> ConfiguredCredentials.load(settings, location), purpose, verifier);
        TlsProfile.Builder profile = profile(settings, source, verifier, audit);
        settings.find(TlsKeys.OCSP_RESPONSE)
                .filter(file -> purpose == Purpose.SERVER)
                .map(file -> settings.inStore(named(file, location)))
                .ifPresent(file -> profile.ocspStaple(watch.ocspResponse(file, source, verifier)));
        return profile.build();
    }

    private static void tellOfTolerances(Set<Tolerance> tolerances, Path credential, AuditSink audit) {
        if (!tolerances.isEmpty()) {
            List<String> words =
                    tolerances.stream().sorted().map(Tolerance::text).toList();
            log.warn("faults of form of authorities are tolerated for {}: {}", credential, words);
            audit.record(new AuditEvent.TolerancesOn(Instant.now(), credential.toString(), tolerances));
        }
    }

    private static void tellOfUnusableLists(TrustPolicy policy) {
        for (Revocation.Standing standing : policy.revocationStandings(Instant.now())) {
            standing.unusable()
                    .ifPresent(why -> log.warn("the CRL of {} clears no certificate: {}", standing.issuer(), why));
        }
    }

    private static Path named(Path file, Path credential) {
        return Path.of(file.toString().replace("<name>", String.valueOf(credential.getFileName())));
    }

    private static TlsProfile.Builder profile(
            Settings settings, CredentialSource source, ChainVerifier verifier, AuditSink audit) {
        TlsProfile.Builder profile = TlsProfile.builder(source, verifier)
                .engine(settings.get(TlsKeys.ENGINE))
                .minVersion(settings.get(TlsKeys.MIN_VERSION))
                .groups(settings.get(TlsKeys.GROUPS))
                .cipherSuites(settings.get(TlsKeys.CIPHER_SUITES))
                .handshakeTimeout(settings.get(TlsKeys.HANDSHAKE_TIMEOUT))
                .maxHandshakes(settings.get(LimitKeys.MAX_HANDSHAKES))
                .audit(audit);
        return settings.get(TlsKeys.SESSION_RESUMPTION) ? profile : profile.withoutSessionResumption();
    }

    /** Everything in the store is trusted. */
    private static void requireOwnStore(Settings settings) {
        Store.at(settings.get(Keys.DIR)).requireOwn();
    }

    private static ChainVerifier verifier(Settings settings, Path location) {
        requireOwnStore(settings);
        TrustPolicy policy = ConfiguredTrust.policy(settings, location);
        ConfiguredTrust.exposures(settings, location).forEach(exposure -> log.warn("{}", exposure));
        return new ChainVerifier(policy, InstantSource.system());
    }
}
