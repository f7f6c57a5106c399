// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The surroundings that decide where hosts keep their files.
 *
 * @param home the user's home directory, absolute; files that are read or changed must belong to its owner
 * @param workingDirectory the project's directory, absolute
 * @param environment of the process; only {@code APPDATA}, {@code XDG_CONFIG_HOME} and the hosts' own variables are read
 */
public record Machine(OperatingSystem system, Path home, Path workingDirectory, Map<String, String> environment) {

    public Machine {
        if (!home.isAbsolute() || !workingDirectory.isAbsolute()) {
            throw new IllegalArgumentException("home and working directory must be absolute");
        }
        environment = Map.copyOf(environment);
    }

    /** This process's own surroundings, with its variables. */
    public static Machine current(Map<String, String> environment) {
        return of(System.getProperty("os.name"), System.getProperty("user.home"), environment);
    }

    /** Hosts look where {@code HOME} says; Java's own idea of the home directory comes from the user database. */
    static Machine of(String osName, String userHome, Map<String, String> environment) {
        OperatingSystem system = OperatingSystem.named(osName);
        Path home = Path.of(userHome).toAbsolutePath();
        Path named = Path.of(environment.getOrDefault("HOME", ""));
        return new Machine(
                system,
                system != OperatingSystem.WINDOWS && named.isAbsolute() ? named : home,
                Path.of("").toAbsolutePath(),
                environment);
    }

    /** {@code ~/.config}, or an absolute {@code XDG_CONFIG_HOME}; the XDG specification has relative ones ignored. */
    Path configHome() {
        return directory("XDG_CONFIG_HOME").orElse(home.resolve(".config"));
    }

    /** {@code %APPDATA%}, where Windows programs keep what roams. */
    Path appData() {
        return directory("APPDATA").orElse(home.resolve("AppData").resolve("Roaming"));
    }

    /** Where desktop programs keep their settings: Application Support, {@code %APPDATA%} or {@code ~/.config}. */
    Path applicationSupport() {
        return switch (system) {
            case LINUX -> configHome();
            case MACOS -> home.resolve("Library").resolve("Application Support");
            case WINDOWS -> appData();
        };
    }

    /** The directory that a variable names, if it is set to an absolute path. */
    Optional<Path> directory(String variable) {
        String value = environment.getOrDefault(variable, "");
        return Optional.of(value).filter(set -> !set.isBlank()).map(Path::of).filter(Path::isAbsolute);
    }
}
