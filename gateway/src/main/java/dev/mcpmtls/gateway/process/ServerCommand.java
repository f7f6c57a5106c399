// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A server that runs as a process.
 *
 * @param words the program, looked up in PATH, and its arguments; no shell reads them
 * @param env variables of its own
 * @param passEnv the names of our variables that it gets as well
 * @param cwd its working directory; ours when empty
 */
public record ServerCommand(List<String> words, Map<String, String> env, Set<String> passEnv, Optional<Path> cwd) {

    private static final Set<String> ALWAYS = Set.of("PATH", "HOME", "USER", "LANG", "TMPDIR");

    /**
     * Copies the collections.
     *
     * @throws IllegalArgumentException when there is no program
     */
    public ServerCommand {
        words = List.copyOf(words);
        env = Map.copyOf(env);
        passEnv = Set.copyOf(passEnv);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("a command names a program");
        }
    }

    /** A command with nothing but the standard environment. */
    public static ServerCommand of(String... words) {
        return new ServerCommand(List.of(words), Map.of(), Set.of(), Optional.empty());
    }

    /** The environment that the process gets: PATH, HOME, USER, LANG and TMPDIR of ours, what is passed, and its own. */
    Map<String, String> environment(UnaryOperator<String> ours) {
        Map<String, String> environment = new HashMap<>();
        for (Set<String> names : List.of(ALWAYS, passEnv)) {
            for (String name : names) {
                String value = ours.apply(name);
                if (value != null) {
                    environment.put(name, value);
                }
            }
        }
        environment.putAll(env);
        return environment;
    }

    /** Whether the program is there: at its path, or in the PATH that the process gets. */
    public boolean isFound() {
        Path from = cwd.orElse(Path.of("")).toAbsolutePath();
        if (words.get(0).contains("/")) {
            return Files.isExecutable(from.resolve(words.get(0)));
        }
        return Stream.of(environment(System::getenv).getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> from.resolve(directory).resolve(words.get(0)))
                .anyMatch(file -> Files.isRegularFile(file) && Files.isExecutable(file));
    }

    /** The program alone: arguments and variables may be secrets. */
    @Override
    public String toString() {
        return words.get(0);
    }
}
