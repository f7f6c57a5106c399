// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.settings.Key;
import dev.mcpmtls.cli.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of the command line: where it prints, and the options that every command takes. Filled by {@link Flags}. */
final class Invocation {

    private final Console console;
    private final Map<String, String> environment;
    private final Map<Key<?>, String> flags = new HashMap<>();
    private @Nullable Path configuration;
    private @Nullable String credential;
    private int verbosity;
    private boolean json;

    Invocation(Console console, Map<String, String> environment) {
        this.console = console;
        this.environment = environment;
    }

    Console console() {
        return console;
    }

    /** The settings in force. */
    Settings settings() {
        return settings(Map.of());
    }

    /** The settings in force, but for some. */
    Settings settings(Map<Key<?>, String> others) {
        Map<Key<?>, String> all = new HashMap<>(flags);
        all.putAll(others);
        Optional<Path> file = Optional.ofNullable(configuration)
                .or(() ->
                        Optional.ofNullable(environment.get("MCP_MTLS_CONFIG")).map(Path::of));
        return Settings.gather(file, environment, all);
    }

    Map<String, String> environment() {
        return environment;
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name));
    }

    /** The credential that {@code --credential} names. */
    Optional<String> credential() {
        return Optional.ofNullable(credential);
    }

    boolean isVerbose() {
        return verbosity > 0;
    }

    boolean wantsJson() {
        return json;
    }

    boolean hasFlag(Key<?> key) {
        return flags.containsKey(key);
    }

    void flag(Key<?> key, String text) {
        flags.put(key, text);
    }

    void configuration(Path file) {
        configuration = file;
    }

    void credential(String name) {
        credential = name;
    }

    void beVerbose() {
        verbosity++;
        Logging.level(verbosity);
    }

    void printJson() {
        json = true;
    }
}
