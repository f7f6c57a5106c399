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

    /** This process's own surroundings. */
    public static Machine current() {
        return new Machine(
                OperatingSystem.named(System.getProperty("os.name")),
                Path.of(System.getProperty("user.home")).toAbsolutePath(),
                Path.of("").toAbsolutePath(),
                System.getenv());
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
