// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Logging;
import dev.mcpmtls.runtime.settings.Assignment;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of the command line: where it prints, and the options that every command takes. Filled by {@code Flags}. */
public final class Invocation {

    private static final String CONFIGURATION = "MCP_MTLS_CONFIG";
    private final Console console;
    private final Map<String, String> environment;
    private final List<Assignment> flags = new ArrayList<>();
    private @Nullable Path configuration;
    private @Nullable String credential;
    private int verbosity;
    private boolean json;

    public Invocation(Console console, Map<String, String> environment) {
        this.console = console;
        this.environment = environment;
    }

    public Console console() {
        return console;
    }

    /** The configuration file that was named. */
    public Optional<Path> configuration() {
        return Optional.ofNullable(configuration)
                .map(file -> existing("--config", file))
                .or(() -> variable(CONFIGURATION).map(file -> existing(CONFIGURATION, Path.of(file))));
    }

    private static Path existing(String origin, Path file) {
        if (Files.notExists(file)) {
            throw new BadSettingException(origin + ": there is no file " + file + "; correct the path");
        }
        return file;
    }

    /** The settings in force. */
    public Settings settings() {
        return settings(Map.of());
    }

    /** The settings in force, but for some. */
    public Settings settings(Map<Key<?>, String> others) {
        List<Assignment> all = new ArrayList<>(flags);
        others.forEach((key, text) -> all.add(Assignment.ofText(key, text, SettingFlags.shortest(key))));
        return Settings.gather(configuration(), environment, all);
    }

    public Map<String, String> environment() {
        return environment;
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
    }

    /** The credential that {@code --credential} names. */
    public Optional<String> credential() {
        return Optional.ofNullable(credential);
    }

    public boolean isVerbose() {
        return verbosity > 0;
    }

    public boolean wantsJson() {
        return json;
    }

    /** Says that a command's output is for people alone, rather than print something else than was asked for. */
    public void refuseJson(String command) {
        if (json) {
            throw new BadSettingException("--json: " + command + " prints no JSON; leave the option out");
        }
    }

    public boolean hasFlag(Key<?> key) {
        return flags.stream().anyMatch(given -> given.key().equals(key));
    }

    /**
     * Takes a setting from the command line.
     *
     * @param flag as it was typed, for example {@code --timeout}
     */
    public void flag(Key<?> key, String flag, String text) {
        flags.add(Assignment.ofText(key, text, flag));
    }

    public void configuration(Path file) {
        configuration = file;
    }

    public void credential(String name) {
        credential = name;
    }

    public void beVerbose() {
        verbosity++;
        Logging.level(verbosity);
    }

    public void printJson() {
        json = true;
    }
}
