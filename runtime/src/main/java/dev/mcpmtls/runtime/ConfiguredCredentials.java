// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.authority.RenewalDefaults;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.runtime.settings.EnrolmentKeys;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The credentials that settings name: where they are, and how they are loaded and renewed. */
public final class ConfiguredCredentials {

    private static final Logger log = LoggerFactory.getLogger(ConfiguredCredentials.class);

    private ConfiguredCredentials() {}

    /** A credential of the store by its name, or any by its path. */
    public static Credential named(Settings settings, String name) {
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
                        .map(other -> "did you mean " + other + "? Otherwise ")
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

    /** Where a credential is: in the store, or wherever a path says. */
    public static Path location(Settings settings, String name) {
        return isPath(name) ? Path.of(name) : Store.at(settings.get(Keys.DIR)).credential(Stores.credentialName(name));
    }

    private static boolean isPath(String name) {
        return name.contains("/") || name.equals(".") || name.equals("..");
    }
}
