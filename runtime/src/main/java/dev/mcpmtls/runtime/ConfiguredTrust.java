// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.authority.Store;
import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.runtime.settings.AnchorEntry;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.DistributionPoints;
import dev.mcpmtls.trust.KnownPeers;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The trust policy that settings name: anchors, validation, revocation, and which other users could have written its files. */
public final class ConfiguredTrust {

    private static final Path KNOWN_PEERS = Path.of("known_peers");

    private ConfiguredTrust() {}

    /** Refuses relaxed validation where peers beyond this machine could use it. */
    public static void requireLoopbackWhenRelaxed(Settings settings, Keys.Server server) {
        requireLoopbackWhenRelaxed(settings, settings.get(server.listen()));
    }

    /** As the other, for any address. */
    public static void requireLoopbackWhenRelaxed(Settings settings, ListenAddress address) {
        if (settings.get(TlsKeys.VALIDATION) == Validation.RELAXED && !isLoopback(address)) {
            throw new BadSettingException("relaxed validation would accept unverified peers from the network at "
                    + address + "; "
                    + Remedy.of("listen on 127.0.0.1, use strict, or accept them")
                            .by(Verb.RELAX_ON_NETWORK));
        }
    }

    static boolean isLoopback(ListenAddress address) {
        try {
            return address.isLoopback();
        } catch (UnknownHostException e) {
            throw new SetupException.NoAddress(
                    "there is no address to listen on for the name '" + address.host() + "'", e);
        }
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

    static TrustPolicy policy(Settings settings, Path credential) {
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
    static List<Path> revocationLists(Settings settings) {
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
