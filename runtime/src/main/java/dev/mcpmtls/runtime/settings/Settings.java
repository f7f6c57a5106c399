// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The settings in force, each with where it came from. Immutable; every value was read and checked. */
public final class Settings {

    private static final Path STANDARD_FILE = Path.of("mcp-mtls.yaml");

    private final Map<Key<?>, Assignment> assignments;
    private final List<ServerEntry> entries;
    private final Map<String, OauthEntry> oauth;
    private final Optional<Path> file;

    private Settings(
            Map<Key<?>, Assignment> assignments,
            List<ServerEntry> entries,
            Map<String, OauthEntry> oauth,
            Optional<Path> file) {
        this.assignments = Map.copyOf(assignments);
        this.entries = List.copyOf(entries);
        this.oauth = Map.copyOf(oauth);
        this.file = file;
    }

    /**
     * The settings of a file, and the defaults of what it does not set.
     *
     * @throws BadSettingException when there is no such file, or at its first key that is unknown or has a bad value
     */
    public static Settings load(Path file) {
        return gather(Optional.of(file), Map.of(), List.of());
    }

    /**
     * Gathers the settings.
     *
     * @param file the file that was named; when empty, {@code mcp-mtls.yaml} of the working directory if there is one
     * @param environment the process's variables
     * @param flags the assignments of the command line; the last of a key counts
     * @throws BadSettingException at the first key that is unknown or has a bad value
     */
    public static Settings gather(Optional<Path> file, Map<String, String> environment, List<Assignment> flags) {
        Map<Key<?>, Assignment> all = new HashMap<>();
        Keys.all().stream()
                .filter(key -> !key.defaults().isEmpty() || key.type().isList())
                .forEach(key -> all.put(key, new Assignment(key, key.defaults(), "default")));
        Optional<Path> named = file.or(() -> ownStandardFile().filter(Files::exists));
        Optional<SettingsFile.Loaded> loaded = named.map(SettingsFile::load);
        loaded.ifPresent(read -> read.settings().forEach(found -> all.put(found.key(), found)));
        refuseMisspelt(environment);
        for (Key<?> key : Keys.all()) {
            String variable = environment.get(key.variable());
            if (variable != null) {
                all.put(key, Assignment.ofText(key, variable, key.variable()));
            }
        }
        flags.forEach(given -> all.put(given.key(), given));
        Settings settings = new Settings(
                all,
                loaded.map(SettingsFile.Loaded::entries).orElse(List.of()),
                loaded.map(SettingsFile.Loaded::oauth).orElse(Map.of()),
                named);
        settings.check();
        return settings;
    }

    /** The file in the working directory, if any. In a directory such as /tmp another user may have put it there. */
    private static Optional<Path> ownStandardFile() {
        Exposure.ofFile(STANDARD_FILE)
                .or(() -> Exposure.ofDirectoryOf(STANDARD_FILE))
                .filter(exposure -> Files.exists(STANDARD_FILE) && !exposure.isTolerable())
                .ifPresent(exposure -> {
                    throw new BadSettingException(
                            "cannot use " + STANDARD_FILE.toAbsolutePath() + ", found in the working directory: "
                                    + exposure + ", or name the file with " + Remedy.of(Setting.CONFIGURATION_FILE)
                                    + " if you trust it");
                });
        return Optional.of(STANDARD_FILE);
    }

    /** The configuration file from which a setting comes, or would come once it is in there; empty when a flag or variable sets it. */
    public Optional<Path> fileOf(Key<?> key) {
        return file.filter(path -> origin(key).equals("default") || origin(key).startsWith(path + ":"));
    }

    /**
     * These settings with one of them as its configuration file has it now.
     *
     * @throws BadSettingException when the file is missing or cannot be used
     */
    public Settings withCurrent(Key<?> key) {
        Optional<Path> from = fileOf(key);
        if (from.isEmpty()) {
            return this;
        }
        if (from.get().equals(STANDARD_FILE)) {
            var unused = ownStandardFile();
        }
        Map<Key<?>, Assignment> changed = new HashMap<>(assignments);
        changed.put(key, new Assignment(key, key.defaults(), "default"));
        SettingsFile.load(from.get()).settings().stream()
                .filter(found -> found.key().equals(key))
                .forEach(found -> changed.put(key, found));
        Settings settings = new Settings(changed, entries, oauth, file);
        var unused = settings.find(key);
        return settings;
    }

    /** The servers of the operator's own, in the order of the file. */
    public List<ServerEntry> entries() {
        return entries;
    }

    /** The access tokens that a server takes, by its name; empty when it ignores them. */
    public Optional<OauthEntry> oauth(String server) {
        return Optional.ofNullable(oauth.get(server));
    }

    /** The servers that take access tokens, with what they take. */
    public Map<String, OauthEntry> oauth() {
        return new TreeMap<>(oauth);
    }

    /** The value of a setting that has a default. */
    public <T> T get(Key<T> key) {
        return find(key).orElseThrow(() -> new IllegalArgumentException(key.path() + " may be absent"));
    }

    /** The value of a setting that may be absent. */
    public <T> Optional<T> find(Key<T> key) {
        return Optional.ofNullable(assignments.get(key)).map(assignment -> assignment.parse(key));
    }

    /** Where a setting came from: {@code default}, a file with its line, a variable or a flag. */
    public String origin(Key<?> key) {
        Assignment assignment = assignments.get(key);
        return assignment == null ? "default" : assignment.origin();
    }

    /** A setting as the subject of a message: the place in a file with its key, the flag, or the variable; by default the key. */
    public String where(Key<?> key) {
        Assignment assignment = assignments.get(key);
        return assignment == null ? key.path() : assignment.where();
    }

    /** A setting's text as it was given: one element, or a list's elements; empty when it is absent. */
    public List<String> elements(Key<?> key) {
        Assignment assignment = assignments.get(key);
        return assignment == null ? List.of() : assignment.elements();
    }

    /** A path inside the store. */
    public Path inStore(Path path) {
        return get(Keys.DIR).resolve(path);
    }

    private void check() {
        Keys.all().forEach(this::find);
        if (!get(TlsKeys.RELAX).isEmpty() && get(TlsKeys.VALIDATION) != Validation.RELAXED) {
            throw new BadSettingException(where(TlsKeys.RELAX) + " has no effect while tls.validation is "
                    + get(TlsKeys.VALIDATION).text() + "; set tls.validation to relaxed, or remove tls.relax");
        }
        boolean hasOldSuitesOnly = !get(TlsKeys.CIPHER_SUITES).isEmpty()
                && get(TlsKeys.CIPHER_SUITES).stream().noneMatch(suite -> suite.matches("TLS_(AES|CHACHA20)_.*"));
        if (hasOldSuitesOnly && get(TlsKeys.MIN_VERSION) == TlsVersion.TLS_1_3) {
            throw new BadSettingException(
                    where(TlsKeys.CIPHER_SUITES) + " has none of TLS 1.3, the only version that tls.min-version"
                            + " allows; add TLS_AES_128_GCM_SHA256, or set tls.min-version to"
                            + " TLSv1.2");
        }
        boolean isPinned = get(TlsKeys.VALIDATION) == Validation.PINNED;
        boolean hasPins = !get(TlsKeys.PINS).isEmpty();
        if (isPinned && hasPins == get(TlsKeys.TRUST_ON_FIRST_USE)) {
            throw new BadSettingException(origin(TlsKeys.VALIDATION)
                    + ": "
                    + Remedy.of("pinned validation needs either tls.pins")
                            .by(Verb.SHOW)
                            .then(" or tls.trust-on-first-use"));
        }
        if (hasPins && !isPinned) {
            throw new BadSettingException(where(TlsKeys.PINS) + " has no effect while tls.validation is "
                    + get(TlsKeys.VALIDATION).text() + "; set tls.validation to pinned, or remove tls.pins");
        }
        if (get(TlsKeys.ENGINE) == TlsEngine.JDK && find(TlsKeys.OCSP_RESPONSE).isPresent()) {
            throw new BadSettingException(where(TlsKeys.OCSP_RESPONSE) + " has no effect while "
                    + "tls.engine is jdk, which cannot staple; set tls.engine to auto, or remove tls.ocsp-response");
        }
    }

    /** Variables that are almost one of ours; others with the prefix belong to other programs (Kubernetes sets such). */
    private static void refuseMisspelt(Map<String, String> environment) {
        List<String> known = Keys.all().stream().map(Key::variable).toList();
        for (String variable : environment.keySet()) {
            if (variable.startsWith("MCP_MTLS_") && !known.contains(variable)) {
                Nearest.to(variable, known, 2).ifPresent(name -> {
                    throw new BadSettingException("unknown variable " + variable + "; did you mean " + name + "?");
                });
            }
        }
    }
}
