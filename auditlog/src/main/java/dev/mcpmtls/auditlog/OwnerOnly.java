// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Who may read a log: its owner and nobody else, where the file system knows permissions. */
final class OwnerOnly {

    private static final Set<PosixFilePermission> PERMISSIONS = PosixFilePermissions.fromString("rw-------");

    private OwnerOnly() {}

    /** What a file is to be made with. */
    static FileAttribute<?>[] attributes(Path file) {
        return isKnown(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PERMISSIONS)}
                : new FileAttribute<?>[0];
    }

    /** Sets it for a file that is there. */
    static void apply(Path file) throws IOException {
        if (isKnown(file)) {
            Files.setPosixFilePermissions(file, PERMISSIONS);
        }
    }

    private static boolean isKnown(Path file) {
        return Files.getFileAttributeView(file.toAbsolutePath().getParent(), PosixFileAttributeView.class) != null;
    }
}
