// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.runtime.settings.AnchorEntry;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.tls.reload.AnchorSource;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.TrustAnchors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The trust anchors for one credential as {@code tls.trust-anchors} names them; the configuration file is read again for that setting alone. */
final class ConfiguredAnchors implements AnchorSource {

    private static final String BESIDE = "credentials/<name>/";

    private final Path credential;
    private volatile Settings settings;

    /** The entries of settings from which anchors were loaded. */
    ConfiguredAnchors(Settings settings, Path credential) {
        this.settings = settings;
        this.credential = credential;
    }

    @Override
    public List<Path> files() {
        List<Path> all = new ArrayList<>(files(settings, credential));
        settings.fileOf(TlsKeys.TRUST_ANCHORS).ifPresent(all::add);
        return all;
    }

    @Override
    public TrustAnchors load() {
        Settings current = settings.withCurrent(TlsKeys.TRUST_ANCHORS);
        var unused = files(current, credential);
        settings = current; // its files are watched from now on, also when one of them cannot be used yet
        return load(current, credential);
    }

    static TrustAnchors load(Settings settings, Path credential) {
        ConfiguredTrust.requireConfigured(settings, TlsKeys.TRUST_ANCHORS, files(settings, credential));
        List<AnchorSet> sets = settings.get(TlsKeys.TRUST_ANCHORS).stream()
                .map(entry -> load(entry, file(settings, credential, entry)))
                .toList();
        boolean isNamed = !settings.origin(Keys.TRUST_DOMAIN).equals("default");
        return new TrustAnchors(sets, isNamed ? Optional.of(settings.get(Keys.TRUST_DOMAIN)) : Optional.empty());
    }

    /** Messages name the file as the setting does, so that their remedies can be copied. */
    private static AnchorSet load(AnchorEntry entry, Path file) {
        AnchorSet set = AnchorSet.load(file, entry.names());
        return new AnchorSet(
                entry.file().toString(), set.certificates(), set.names(), set.edition(), set.bindsItself());
    }

    static List<Path> files(Settings settings, Path credential) {
        List<AnchorEntry> entries = settings.get(TlsKeys.TRUST_ANCHORS);
        if (entries.isEmpty()) {
            throw new BadSettingException(
                    "tls.trust-anchors is empty, so no certificate can be verified; name a PEM file");
        }
        return entries.stream()
                .map(entry -> file(settings, credential, entry))
                .distinct()
                .toList();
    }

    /** The default names the anchors beside the credential, wherever that is. */
    private static Path file(Settings settings, Path credential, AnchorEntry entry) {
        String text = entry.file().toString();
        boolean isBeside = text.startsWith(BESIDE);
        if (isBeside && Files.isRegularFile(credential)) {
            throw new BadSettingException(
                    credential + " is a file, which brings no trust anchors; name their PEM file in tls.trust-anchors");
        }
        return isBeside ? credential.resolve(text.substring(BESIDE.length())) : settings.inStore(entry.file());
    }
}
