// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Remedies that restore a credential or one of its files. A command helps only in a store with its authority. */
final class Restoration {

    private static final String CREDENTIALS = "credentials";

    private Restoration() {}

    /** The remedy for a file that is missing or damaged. */
    static String ofFile(Path file) {
        return command(file)
                .map(command -> "restore it, or run " + command)
                .orElse("correct the path, or restore it from where it came from");
    }

    /** The command that makes a credential's files again; empty outside a credential of a store. */
    static Optional<String> command(Path file) {
        Path path = file.toAbsolutePath().normalize();
        for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
            if (isOfAuthority(parent)) {
                Path below = parent.relativize(path);
                int name = below.startsWith(".versions") ? 1 : 0; // where the credential's link leads
                return below.getNameCount() > name + 1
                        ? Optional.of("'mcp-mtls cert rekey " + below.getName(name) + "'")
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The remedy for a credential's missing directory. */
    static String ofCredential(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        Path parent = path.resolveSibling("");
        if (isOfAuthority(parent)) {
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? "its files are gone; run 'mcp-mtls cert rekey " + path.getFileName() + "'"
                    : "run 'mcp-mtls cert issue " + path.getFileName()
                            + "' (for a server with --purpose server), or correct the name";
        }
        return parent.endsWith(CREDENTIALS) ? "run 'mcp-mtls init', or correct the path" : "correct the path";
    }

    private static boolean isOfAuthority(Path credentials) {
        return credentials.endsWith(CREDENTIALS) && Files.isDirectory(credentials.resolveSibling("authority"));
    }
}
