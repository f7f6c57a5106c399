// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Remedies that restore a credential or one of its files. An authority's act helps only in a store that has one. */
final class Restoration {

    static final String RENEWAL_FILE = "renewal";
    private static final String CREDENTIALS = "credentials";

    private Restoration() {}

    /** The remedy for a credential whose authority is on another machine. */
    static Remedy elsewhere() {
        return Remedy.of("ask the operator of its authority for a new invitation, and ")
                .then(Act.of(Verb.JOIN))
                .then(" with it");
    }

    /** The remedy for a file that is missing or damaged. */
    static Remedy ofFile(Path file) {
        if (Files.exists(file.resolveSibling(RENEWAL_FILE))) {
            return Remedy.of("restore it, or ").then(elsewhere());
        }
        return act(file)
                .map(act -> Remedy.of("restore it, or ").then(act))
                .orElseGet(() -> Remedy.of("correct the path, or restore it from where it came from"));
    }

    /** The act that makes a credential's files again; empty outside a credential of a store. */
    static Optional<Act> act(Path file) {
        Path path = file.toAbsolutePath().normalize();
        for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
            if (isOfAuthority(parent)) {
                Path below = parent.relativize(path);
                int name = below.startsWith(".versions") ? 1 : 0; // where the credential's link leads
                return below.getNameCount() > name + 1
                        ? Optional.of(Act.on(Verb.REKEY, below.getName(name).toString()))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The remedy for a credential's missing directory. */
    static Remedy ofCredential(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        Path parent = path.resolveSibling("");
        if (isOfAuthority(parent)) {
            String name = String.valueOf(path.getFileName());
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? Remedy.of("its files are gone; ").then(Act.on(Verb.REKEY, name))
                    : Remedy.of(Act.on(Verb.ISSUE, name)).then(", or correct the name");
        }
        return parent.endsWith(CREDENTIALS)
                ? Remedy.of(Verb.INITIALISE).then(", or correct the path")
                : Remedy.of("correct the path");
    }

    private static boolean isOfAuthority(Path credentials) {
        return credentials.endsWith(CREDENTIALS) && Files.isDirectory(credentials.resolveSibling("authority"));
    }
}
