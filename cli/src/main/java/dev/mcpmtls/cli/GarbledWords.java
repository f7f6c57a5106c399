// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Arguments, variables and a working directory that Java could not read, because the locale has no such characters: it takes
 * {@code ?} or U+FFFD for each, and something would be written elsewhere than was asked.
 */
final class GarbledWords {

    private static final char REPLACEMENT = '\ufffd';
    private static final Path PROCESS = Path.of("/proc/self");

    private GarbledWords() {}

    /** What to say of them; empty when there are none. */
    static Optional<String> find(Map<String, String> environment, String... arguments) {
        boolean hasReplacements = Stream.concat(
                        Stream.of(arguments),
                        environment.entrySet().stream()
                                .filter(variable -> variable.getKey().startsWith("MCP_MTLS_"))
                                .map(Map.Entry::getValue))
                .anyMatch(text -> text.indexOf(REPLACEMENT) >= 0);
        if (hasReplacements
                || (isAscii() && (isLost("cmdline", "") || isLost("environ", "MCP_MTLS_") || isElsewhere()))) {
            return Optional.of("cannot read the arguments, the MCP_MTLS_ variables or the working directory:"
                    + " they have characters that the locale (" + encoding() + ") has not;"
                    + " set LC_ALL=C.UTF-8, or another locale with UTF-8");
        }
        return Optional.empty();
    }

    private static String encoding() {
        return System.getProperty("sun.jnu.encoding", "unknown");
    }

    private static boolean isAscii() {
        try {
            return !Charset.forName(encoding()).newEncoder().canEncode('\u00e9');
        } catch (IllegalArgumentException e) {
            return true; // a charset that this Java does not know
        }
    }

    /** Of the strings as the system has them, where it shows them. */
    private static boolean isLost(String file, String prefix) {
        try {
            String all = Files.readString(PROCESS.resolve(file), StandardCharsets.ISO_8859_1);
            return List.of(all.split("\0")).stream()
                    .anyMatch(text -> text.startsWith(prefix) && text.chars().anyMatch(c -> c >= 0x80));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isElsewhere() {
        try {
            Path actual = PROCESS.resolve("cwd");
            return Files.isDirectory(actual) && !Files.isSameFile(actual, Path.of(System.getProperty("user.dir")));
        } catch (IOException | InvalidPathException e) {
            return true;
        }
    }
}
