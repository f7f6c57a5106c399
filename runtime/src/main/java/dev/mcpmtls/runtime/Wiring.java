// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.RenewalDefaults;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.runtime.settings.AnchorEntry;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.EnrolmentKeys;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.LimitKeys;
import dev.mcpmtls.runtime.settings.Listen;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.tls.revocation.CrlFetch;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.DistributionPoints;
import dev.mcpmtls.trust.KnownPeers;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns settings into what the other modules work with: a credential, a policy, a TLS profile. */
public final class Wiring {

    private static final Logger log = LoggerFactory.getLogger(Wiring.class);
    private static final Duration FETCH_PATIENCE = Duration.ofSeconds(5);

    private static final Path KNOWN_PEERS = Path.of("known_peers");

    private Wiring() {}

    /** The profile of a short-lived process, which reads the files once. */
    public static TlsProfile profile(Settings settings, String credential, AuditSink audit) {
        Credential own = credential(settings, credential);
        ChainVerifier verifier = verifier(settings, location(settings, credential));
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

    /** A credential of the store by its name, or any by its path. */
    public static Credential credential(Settings settings, String name) {
        Credential loaded = load(settings, location(settings, name));
        loaded.warnings().forEach(log::warn);
        return loaded;
    }

    /** How credentials are renewed over the network. */
    public static RenewalDefaults renewalDefaults(Settings settings) {
        return new RenewalDefaults(settings.find(EnrolmentKeys.RENEWAL_EST), settings.get(EnrolmentKeys.RENEWAL_REKEY));
    }

    /** Reads a credential, with the passphrase that is configured. */
    public static Credential load(Settings settings, Path location) {
        char[] passphrase = settings.find(TlsKeys.KEY_PASSPHRASE_FILE)
                .map(PassphraseFile::firstLine)
                .orElseGet(() -> new char[0]);
        try {
            return Credential.load(location, passphrase);
        } catch (UnusableCredentialException e) {
            throw isSwapped(location)
                    ? new UnusableCredentialException(
                            location + ": tls.crt holds the key and tls.key the certificate; exchange the two files", e)
                    : e;
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    private static boolean isSwapped(Path location) {
        try {
            return Files.readString(location.resolve(Credential.CHAIN_FILE)).contains("PRIVATE KEY-----")
                    && Files.readString(location.resolve(Credential.KEY_FILE)).contains("-----BEGIN CERTIFICATE-----");
        } catch (IOException e) {
            return false; // then something else is wrong, which has been told
        }
    }

    /**
     * The profile of a server: files that change are read again, and a credential that strict validation would not accept is
     * refused now rather than by every client.
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
        Path location = location(settings, credential);
        ChainVerifier verifier = verifier(settings, location);
        tellOfTolerances(verifier.policy().tolerances(), location, audit);
        tellOfUnusableLists(verifier.policy());
        if (verifier.policy().validation() != Validation.PINNED) {
            watch.anchors(verifier, new ConfiguredAnchors(settings, location));
        }
        List<Path> lists = new ArrayList<>(revocationLists(settings));
        settings.find(TlsKeys.DENY_LIST).map(settings::inStore).ifPresent(lists::add);
        if (!lists.isEmpty()) {
            watch.revocation(verifier, lists);
        }
        watch.distributionPoints(verifier);
        CredentialSource source = watch.credential(location, () -> load(settings, location), purpose, verifier);
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

    private static ChainVerifier verifier(Settings settings, Path location) {
        requireOwnStore(settings);
        TrustPolicy policy = policy(settings, location);
        exposures(settings, location).forEach(exposure -> log.warn("{}", exposure));
        return new ChainVerifier(policy, InstantSource.system());
    }

    /** Throws when there is no such credential, before anything is written. */
    public static void require(Settings settings, String name, Purpose purpose) {
        Path location = location(settings, name);
        Stores.requireAccess(location);
        if (!Files.exists(location)) {
            throw new SetupException.NoCredential(
                    isPath(name)
                            ? "there is no credential at " + location + "; correct the path, or name one of the store"
                            : missing(Store.at(settings.get(Keys.DIR)), name, purpose, settings));
        }
    }

    private static String missing(Store store, String name, Purpose purpose, Settings settings) {
        if (Files.exists(store.directory()) && !Files.isDirectory(store.directory())) {
            return "cannot use the store " + store.directory() + ": it is not a directory; check "
                    + Remedy.of(Setting.STORE);
        }
        if (Files.exists(Path.of(name, "tls.crt"))) {
            return "there is no credential '" + name + "' in " + store.directory() + "; write ./" + name
                    + " for the directory here";
        }
        List<String> others = store.credentialNames();
        if (others.isEmpty() && !store.hasAuthority()) {
            return "there is no credential '" + name + "' in " + store.directory() + ", which holds none; "
                    + Remedy.of(in(settings, Act.of(Verb.INITIALISE)))
                            .then(", or check ")
                            .then(Setting.STORE);
        }
        String found = "there is no credential '" + name + "' in " + store.directory() + "; "
                + Nearest.to(name, others, 2)
                        .map(other -> "did you mean " + other + "? ")
                        .orElse("");
        Verb issue = purpose == Purpose.SERVER ? Verb.ISSUE_FOR_SERVER : Verb.ISSUE_FOR_CLIENT;
        return store.hasAuthority()
                ? found + Remedy.of(in(settings, Act.on(issue, name)))
                : found + "there are " + String.join(", ", others);
    }

    /** The act in the store in use, which is named unless it is the default one. */
    private static Act in(Settings settings, Act act) {
        return settings.origin(Keys.DIR).equals("default") ? act : act.in(settings.get(Keys.DIR));
    }

    /** Refuses relaxed validation where peers beyond this machine could use it. */
    public static void requireLoopbackWhenRelaxed(Settings settings, Keys.Server server) {
        requireLoopbackWhenRelaxed(settings, settings.get(server.listen()));
    }

    /** As the other, for any address. */
    public static void requireLoopbackWhenRelaxed(Settings settings, Listen address) {
        if (settings.get(TlsKeys.VALIDATION) == Validation.RELAXED && !isLoopback(address)) {
            throw new BadSettingException("relaxed validation would accept unverified peers from the network at "
                    + address + "; "
                    + Remedy.of("listen on 127.0.0.1, use strict, or accept them")
                            .by(Verb.RELAX_ON_NETWORK));
        }
    }

    static boolean isLoopback(Listen address) {
        try {
            return InetAddress.getByName(address.host()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new SetupException.NoAddress(
                    "there is no address to listen on for the name '" + address.host() + "'", e);
        }
    }

    /** Requires that no other user can add to the store, because everything in it is trusted. */
    private static void requireOwnStore(Settings settings) {
        Store.at(settings.get(Keys.DIR)).requireOwn();
    }

    /** The files and directories that trust depends on for a credential and that others could have written, as far as that is tolerated. */
    public static List<Exposure> exposures(Settings settings, Path location) {
        List<Path> files = new ArrayList<>(revocationLists(settings));
        settings.find(TlsKeys.DENY_LIST).map(settings::inStore).ifPresent(files::add);
        files.add(settings.inStore(settings.get(Keys.ACCESS_FILE)));
        if (settings.get(TlsKeys.VALIDATION) == Validation.PINNED) {
            files.add(settings.inStore(KNOWN_PEERS));
        } else {
            files.addAll(ConfiguredAnchors.files(settings, location));
        }
        return Stream.concat(
                        Store.at(settings.get(Keys.DIR)).exposures().stream(),
                        files.stream()
                                .flatMap(file -> Stream.of(Exposure.ofFile(file), Exposure.ofDirectoryOf(file)))
                                .flatMap(Optional::stream))
                .distinct()
                .toList();
    }

    /**
     * The file of the access rules.
     *
     * @throws BadSettingException when one is configured that does not exist; the default one need not
     */
    public static Path accessFile(Settings settings) {
        Path file = settings.inStore(settings.get(Keys.ACCESS_FILE));
        requireConfigured(settings, Keys.ACCESS_FILE, List.of(file));
        return file;
    }

    /** Where a credential is: in the store, or wherever a path says. */
    public static Path location(Settings settings, String name) {
        return isPath(name) ? Path.of(name) : Store.at(settings.get(Keys.DIR)).credential(Stores.credentialName(name));
    }

    private static boolean isPath(String name) {
        return name.contains("/") || name.equals(".") || name.equals("..");
    }

    private static TrustPolicy policy(Settings settings, Path credential) {
        TrustPolicy.Bounds bounds = new TrustPolicy.Bounds(
                settings.get(TlsKeys.CHAIN_LENGTH), Math.toIntExact(settings.get(TlsKeys.CHAIN_BYTES)));
        return judging(settings, credential)
                .withTolerances(Set.copyOf(settings.get(TlsKeys.TOLERATE)))
                .withRevocation(revocation(settings))
                .withBounds(bounds);
    }

    private static TrustPolicy judging(Settings settings, Path credential) {
        return switch (settings.get(TlsKeys.VALIDATION)) {
            case STRICT -> TrustPolicy.strict(ConfiguredAnchors.load(settings, credential));
            case RELAXED -> relaxed(settings, credential);
            case PINNED ->
                settings.get(TlsKeys.TRUST_ON_FIRST_USE)
                        ? TrustPolicy.pinnedOnFirstUse(KnownPeers.in(settings.inStore(KNOWN_PEERS)))
                        : TrustPolicy.pinned(Set.copyOf(settings.get(TlsKeys.PINS)));
        };
    }

    private static TrustPolicy relaxed(Settings settings, Path credential) {
        List<Relaxation> named = relaxations(settings);
        return TrustPolicy.relaxed(
                ConfiguredAnchors.load(settings, credential), named.get(0), named.toArray(Relaxation[]::new));
    }

    /** The relaxations in force: the four of {@link Relaxation#all} when none is named. */
    public static List<Relaxation> relaxations(Settings settings) {
        List<Relaxation> named = settings.get(TlsKeys.RELAX);
        return named.isEmpty() ? List.copyOf(Relaxation.all()) : named;
    }

    private static Revocation revocation(Settings settings) {
        Optional<Path> denyList = settings.find(TlsKeys.DENY_LIST).map(settings::inStore);
        requireConfigured(settings, TlsKeys.DENY_LIST, denyList.stream().toList());
        Optional<DistributionPoints> distributionPoints =
                settings.get(TlsKeys.REVOCATION_FETCH) ? Optional.of(new DistributionPoints()) : Optional.empty();
        return Revocation.load(
                revocationLists(settings), denyList, settings.get(TlsKeys.REVOCATION_MODE), distributionPoints);
    }

    /** An authority elsewhere need not publish a list: the default's is looked at where it exists, a configured one must. */
    private static List<Path> revocationLists(Settings settings) {
        boolean isDefault = settings.origin(TlsKeys.CRL).equals("default");
        List<Path> files = settings.get(TlsKeys.CRL).stream()
                .map(settings::inStore)
                .filter(file -> !isDefault || Files.exists(file))
                .toList();
        requireConfigured(settings, TlsKeys.CRL, files);
        return files;
    }

    /** Reports a missing file by the setting that names it; the default files have remedies of their own. */
    static void requireConfigured(Settings settings, Key<?> key, List<Path> files) {
        for (Path file : settings.origin(key).equals("default") ? List.<Path>of() : files) {
            if (!Files.exists(file)) {
                throw new BadSettingException(settings.where(key) + ": there is no file " + file
                        + "; correct the path, which begins in the store unless it is absolute");
            }
        }
    }

    /** The entries of {@code tls.trust-anchors} that should be bound, as far as the settings and the files say. */
    public static List<AnchorEntry> anchorsToBind(Settings settings) {
        Map<AnchorEntry, List<NamePattern>> bundles = new HashMap<>();
        List<AnchorEntry> entries = settings.get(TlsKeys.TRUST_ANCHORS);
        entries.stream()
                .filter(entry -> !entry.isBound())
                .forEach(entry -> bundles.put(entry, trustDomain(settings.inStore(entry.file()))));
        List<AnchorEntry> unbound = AnchorEntry.unbound(entries);
        return entries.stream()
                .filter(bundles::containsKey)
                .filter(entry -> {
                    List<NamePattern> domain = bundles.getOrDefault(entry, List.of());
                    return domain.isEmpty()
                            ? unbound.contains(entry)
                            : Collections.frequency(bundles.values(), domain) > 1;
                })
                .toList();
    }

    /** The names that a SPIFFE bundle is bound to by itself; empty for another file. */
    private static List<NamePattern> trustDomain(Path file) {
        try {
            return AnchorSet.load(file, List.of()).names();
        } catch (UnusableCredentialException e) {
            return List.of(); // the commands that use it say so
        }
    }
}
