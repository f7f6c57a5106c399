// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.AnchorSource;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;

/** Makes TLS profiles from settings, which follow their files and bundles as long as the program runs. */
final class Profiles {

    private static final Logger log = LoggerFactory.getLogger(Profiles.class);

    private final FileWatch watch;
    private final AuditSink audit;
    private final SslBundles bundles;

    Profiles(FileWatch watch, AuditSink audit, SslBundles bundles) {
        this.watch = watch;
        this.audit = audit;
        this.bundles = bundles;
    }

    /**
     * The profile of a server or a client.
     *
     * @param prefix where its settings begin, for messages
     * @throws MtlsSetupException when the settings name no credential, or two
     * @throws dev.mcpmtls.identity.UnusableCredentialException when a file cannot be used
     */
    TlsProfile profile(String prefix, ProfileProperties settings, Purpose purpose) {
        Path credential = settings.getCredential();
        String bundle = settings.getSsl().getBundle();
        if ((credential == null) == (bundle == null)) {
            throw new MtlsSetupException(
                    credential == null
                            ? "there is no certificate for " + prefix
                            : prefix + " has both a credential and an SSL bundle",
                    "Set either " + prefix + ".credential, the directory of tls.crt, tls.key and ca.crt, or " + prefix
                            + ".ssl.bundle.");
        }
        if (!settings.getRelax().isEmpty()) {
            log.warn(
                    "{}.relax: peers are accepted although these checks fail: {}",
                    prefix,
                    settings.getRelax().stream().map(Relaxation::text).toList());
            var unused = audit.record(new AuditEvent.RelaxedModeOn(Instant.now(), prefix, settings.getRelax()));
        }
        return bundle == null
                ? ofFiles(prefix, Objects.requireNonNull(credential), settings, purpose)
                : ofBundle(prefix, bundle, settings);
    }

    private TlsProfile ofFiles(String prefix, Path credential, ProfileProperties settings, Purpose purpose) {
        AnchorSource anchors = settings.getTrustAnchors().isEmpty()
                ? AnchorSource.of(List.of(credential.resolve(TrustAnchors.FILE)))
                : new ConfiguredAnchors(prefix, settings.getTrustAnchors());
        ChainVerifier verifier = verifier(settings, anchors.load());
        watch.anchors(verifier, anchors);
        return built(watch.credential(credential, purpose, verifier), verifier);
    }

    private TlsProfile ofBundle(String prefix, String name, ProfileProperties settings) {
        BundledCredential first;
        try {
            first = BundledCredential.of(name, bundles.getBundle(name));
        } catch (NoSuchSslBundleException e) {
            throw new MtlsSetupException(
                    prefix + ".ssl.bundle: there is no SSL bundle '" + name + "'",
                    "Name one of " + bundles.getBundleNames() + ", or define it below spring.ssl.bundle.",
                    e);
        }
        boolean ownAnchors = settings.getTrustAnchors().isEmpty();
        AnchorSource configured = new ConfiguredAnchors(prefix, settings.getTrustAnchors());
        ChainVerifier verifier = verifier(settings, ownAnchors ? first.anchors() : configured.load());
        if (!ownAnchors) {
            watch.anchors(verifier, configured);
        }
        ReplaceableCredential credential = new ReplaceableCredential(first.credential());
        bundles.addBundleUpdateHandler(name, changed -> {
            try {
                BundledCredential next = BundledCredential.of(name, changed);
                if (ownAnchors) {
                    verifier.changePolicy(policy -> policy.withAnchors(next.anchors()));
                }
                credential.replace(next.credential());
                log.info("the SSL bundle '{}' was updated and is in use", name);
            } catch (MtlsSetupException e) {
                log.warn("{}; the last good one stays in use. {}", e.getMessage(), e.remedy());
            } catch (RuntimeException e) { // Spring calls no further handler after one that throws
                log.warn("the SSL bundle '{}' was updated and cannot be used; the last good one stays in use", name, e);
            }
        });
        return built(credential, verifier);
    }

    private ChainVerifier verifier(ProfileProperties settings, TrustAnchors anchors) {
        Set<Relaxation> relax = settings.getRelax();
        TrustPolicy policy = relax.isEmpty()
                ? TrustPolicy.strict(anchors)
                : TrustPolicy.relaxed(
                        anchors, relax.iterator().next(), relax.stream().skip(1).toArray(Relaxation[]::new));
        List<Path> lists = settings.getRevocationLists();
        ChainVerifier verifier = new ChainVerifier(
                policy.withTolerances(settings.getTolerate())
                        .withRevocation(Revocation.load(lists, Optional.empty(), Revocation.Mode.HARD_FAIL)),
                InstantSource.system());
        if (!lists.isEmpty()) {
            watch.revocation(verifier, lists);
        }
        return verifier;
    }

    private TlsProfile built(CredentialSource credential, ChainVerifier verifier) {
        Credential own = credential.current();
        var unused = audit.record(new AuditEvent.CredentialLoaded(Instant.now(), own.name(), own.chain()));
        return TlsProfile.builder(credential, verifier).audit(audit).build();
    }

    private record ConfiguredAnchors(String prefix, List<ProfileProperties.Anchor> entries) implements AnchorSource {

        @Override
        public List<Path> files() {
            return entries.stream()
                    .flatMap(entry -> Stream.ofNullable(entry.getFile()))
                    .toList();
        }

        @Override
        public TrustAnchors load() {
            return entries.stream()
                    .map(entry -> entry.getFor().isEmpty()
                            ? TrustAnchors.load(file(entry))
                            : TrustAnchors.loadBound(file(entry), entry.getFor().toArray(String[]::new)))
                    .reduce(TrustAnchors::and)
                    .orElseThrow();
        }

        private Path file(ProfileProperties.Anchor entry) {
            Path file = entry.getFile();
            if (file == null) {
                throw new MtlsSetupException(
                        "an entry of " + prefix + ".trust-anchors names no file", "Set its 'file'.");
            }
            return file;
        }
    }
}
