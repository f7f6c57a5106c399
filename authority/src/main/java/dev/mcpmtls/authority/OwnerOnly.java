// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Permissions that files have from the moment they exist: POSIX modes, or access control lists where there are no modes. */
final class OwnerOnly {

    private OwnerOnly() {}

    /** Makes a directory, and those above it, that only its owner can enter; one that exists is left as it is. */
    static void createDirectories(Path directory) {
        try {
            Path parent = directory.toAbsolutePath().getParent();
            if (parent != null && !Files.isDirectory(parent)) {
                createDirectories(parent);
            }
            if (!Files.isDirectory(directory)) {
                Files.createDirectory(directory, attribute(directory, "rwx------"));
                Durable.syncDirectory(directory.toAbsolutePath().resolveSibling(""));
            }
        } catch (java.nio.file.FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw new AuthorityException.StoreFailed(directory, "is in the way: a directory is needed here", e);
            }
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(directory, "cannot be created", e);
        }
    }

    /** For a file that only its owner may read. */
    static FileAttribute<?>[] secret(Path file) throws IOException {
        return new FileAttribute<?>[] {attribute(file, "rw-------")};
    }

    /** For a file that its directory protects. */
    static FileAttribute<?>[] open(Path file) {
        if (isPosix(file)) {
            return new FileAttribute<?>[] {
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"))
            };
        }
        return new FileAttribute<?>[0];
    }

    /** Refuses a key that others can read: it may no longer be ours alone. */
    static void check(Path key) {
        try {
            if (!isPosix(key)) {
                return;
            }
            Set<PosixFilePermission> others = EnumSet.copyOf(PosixFilePermissions.fromString("---rwxrwx"));
            others.retainAll(Files.getPosixFilePermissions(key));
            if (!others.isEmpty()) {
                throw new AuthorityException.Unavailable(key + " can be used by others than its owner; run 'chmod 600 "
                        + key + "' and consider a new authority");
            }
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(key, "cannot be read", e);
        }
    }

    static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<?> attribute(Path path, String mode) throws IOException {
        if (isPosix(path)) {
            return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
        }
        if (!path.getFileSystem().supportedFileAttributeViews().contains("acl")) {
            throw new IOException(
                    "this file system knows neither permissions nor access control lists to protect keys with");
        }
        return new AccessControlList(List.of(AclEntry.newBuilder()
                .setType(AclEntryType.ALLOW)
                .setPrincipal(currentUser(path))
                .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                .build()));
    }

    private static UserPrincipal currentUser(Path path) throws IOException {
        return path.getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(System.getProperty("user.name"));
    }

    private record AccessControlList(List<AclEntry> value) implements FileAttribute<List<AclEntry>> {
        @Override
        public String name() {
            return "acl:acl";
        }
    }
}
