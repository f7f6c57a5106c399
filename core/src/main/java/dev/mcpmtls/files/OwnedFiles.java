// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes regular files that belong to the user of this process, and sets their permissions when they are created. A name that
 * leads to anything else (a device, a pipe, a directory, another user's file) is refused with a {@link ForeignFileException},
 * and its target stays unchanged.
 *
 * <p>A symbolic link that belongs to the user or root is followed, and its target is written or replaced; another user's link
 * is refused. When a method returns, its files are durable on the disk.
 */
public final class OwnedFiles {

    private static final int MOST_LINKS = 40;

    /** The readers of a file besides its owner. */
    public enum Readers {
        /** No other user. */
        NONE("rw-------"),
        /** Every user who can enter its directory. */
        ALL("rw-r--r--");

        private final String mode;

        Readers(String mode) {
            this.mode = mode;
        }
    }

    /** The contents of a file. */
    @FunctionalInterface
    public interface Content {

        /** Writes the contents to an empty file. */
        void writeTo(FileChannel channel) throws IOException;
    }

    private OwnedFiles() {}

    /**
     * The file that a write to {@code file} changes: itself, or the target of our own links.
     *
     * @throws ForeignFileException when the name leads to anything but a file of ours
     */
    public static Path target(Path file) throws IOException {
        Path last = file;
        for (int links = 0; links < MOST_LINKS; links++) {
            Optional<FileStatus> status = status(last);
            if (status.isEmpty()) {
                return last;
            }
            if (!status.get().isLink()) {
                requireOurs(last, status.get());
                return last;
            }
            if (!status.get().isCallersOrRoots()) {
                throw new ForeignFileException(
                        last, "it is a link of the user " + status.get().owner());
            }
            last = last.resolveSibling(Files.readSymbolicLink(last));
        }
        throw new ForeignFileException(file, "it is a link that leads in a circle");
    }

    private static void requireOurs(Path file, FileStatus status) throws IOException {
        if (!status.isRegular()) {
            throw new ForeignFileException(file, "it is " + status.kind() + ", not a regular file");
        }
        if (!status.isCallers()) {
            throw new ForeignFileException(file, "it belongs to the user " + status.owner());
        }
    }

    private static Optional<FileStatus> status(Path file) throws IOException {
        try {
            return FileStatus.of(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Opens a file to read and write; creates a missing file for its owner only. */
    public static FileChannel open(Path file) throws IOException {
        Path target = target(file);
        Optional<FileStatus> before = status(target);
        if (before.isEmpty() && !Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            try {
                return open(target, Set.of(StandardOpenOption.CREATE_NEW), attributes(target, Readers.NONE));
            } catch (FileAlreadyExistsException e) {
                return open(file); // made by another process meanwhile
            }
        }
        FileChannel opened = open(target, Set.of(LinkOption.NOFOLLOW_LINKS));
        if (before.isPresent() && !status(target).filter(before.get()::isSameAs).isPresent()) {
            opened.close();
            return open(file); // replaced meanwhile
        }
        return opened;
    }

    private static FileChannel open(Path file, Set<? extends OpenOption> how, FileAttribute<?>... attributes)
            throws IOException {
        Set<OpenOption> options = new java.util.HashSet<>(how);
        options.add(StandardOpenOption.READ);
        options.add(StandardOpenOption.WRITE);
        return FileChannel.open(file, options, attributes);
    }

    /** Removes other users' permissions from a file of ours. */
    public static void restrict(Path file) throws IOException {
        Path target = target(file);
        PosixFileAttributeView view =
                Files.getFileAttributeView(target, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view != null) {
            view.setPermissions(PosixFilePermissions.fromString(Readers.NONE.mode));
        }
    }

    /** Creates a file that did not exist. */
    public static void create(Path file, byte[] content, Readers readers) throws IOException {
        create(file, readers, channel -> writeAll(channel, content));
    }

    private static void create(Path file, Readers readers, Content content) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, attributes(file, readers))) {
            content.writeTo(channel);
            channel.force(true);
        }
    }

    /**
     * Writes a file and moves it over the existing one, if any. A reader sees all of the old or all of the new. For one writer
     * at a time.
     */
    public static void replace(Path file, byte[] content, Readers readers) throws IOException {
        replace(file, readers, channel -> writeAll(channel, content));
    }

    /** As {@link #replace(Path, byte[], Readers)}, for contents that do not fit into memory. */
    public static void replace(Path file, Readers readers, Content content) throws IOException {
        Path target = target(file);
        Path fresh = fresh(target);
        create(fresh, readers, content);
        move(fresh, target);
    }

    /** Points a symbolic link somewhere else, in one step. */
    public static void link(Path link, Path target) throws IOException {
        Path fresh = fresh(link);
        Files.createSymbolicLink(fresh, target);
        move(fresh, link);
    }

    /** A free name beside a file; the leftover of a killed process is removed. */
    private static Path fresh(Path file) throws IOException {
        Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
        removeOurs(fresh);
        return fresh;
    }

    private static void removeOurs(Path file) throws IOException {
        Optional<FileStatus> status = status(file);
        if (status.isPresent() && !(status.get().isLink() && status.get().isCallers())) {
            requireOurs(file, status.get());
        }
        Files.deleteIfExists(file);
    }

    private static void move(Path fresh, Path file) throws IOException {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(directoryOf(file));
    }

    /** Creates a directory, and those above it, that only its owner can enter. An existing directory stays unchanged. */
    public static void createDirectories(Path directory) throws IOException {
        createDirectories(directory, "it");
    }

    private static void createDirectories(Path directory, String name) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            createDirectories(parent, parent.toString());
        }
        try {
            Files.createDirectory(directory, attribute(directory, "rwx------"));
            syncDirectory(directoryOf(directory));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw new ForeignFileException(directory, name + " exists, and is not a directory");
            }
        }
    }

    /**
     * Checks that {@link #createDirectories} and new files in the directory are permitted, for a caller that does something else first
     * that it could not take back. Creates nothing.
     *
     * @throws ForeignFileException when a part of the path is not a directory
     * @throws AccessDeniedException when it, or the part of its path that exists, cannot be written
     */
    public static void requireWritable(Path directory) throws IOException {
        Path existing = directory.toAbsolutePath();
        for (Path above = existing.getParent();
                above != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS);
                above = above.getParent()) {
            existing = above;
        }
        if (!Files.isDirectory(existing)) {
            throw new ForeignFileException(existing, existing + " exists, and is not a directory");
        }
        if (!Files.isWritable(existing)) {
            throw new AccessDeniedException(existing.toString());
        }
    }

    /** Makes the names in a directory durable. Windows cannot open directories and does so by itself. */
    public static void syncDirectory(Path directory) throws IOException {
        if (isPosix(directory)) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Writes the whole buffer. */
    public static void writeAll(FileChannel channel, byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** The directory that holds a file. */
    public static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file : parent;
    }

    private static FileAttribute<?>[] attributes(Path file, Readers readers) throws IOException {
        return readers == Readers.ALL && !isPosix(file)
                ? new FileAttribute<?>[0]
                : new FileAttribute<?>[] {attribute(file, readers.mode)};
    }

    /** A POSIX mode, or an access control list where there are no modes. */
    private static FileAttribute<?> attribute(Path path, String mode) throws IOException {
        if (isPosix(path)) {
            return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
        }
        if (!path.getFileSystem().supportedFileAttributeViews().contains("acl")) {
            throw new IOException(
                    "this file system supports neither permissions nor access control lists, so it cannot protect keys");
        }
        return new AccessControlList(List.of(AclEntry.newBuilder()
                .setType(AclEntryType.ALLOW)
                .setPrincipal(path.getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(System.getProperty("user.name")))
                .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                .build()));
    }

    private record AccessControlList(List<AclEntry> value) implements FileAttribute<List<AclEntry>> {
        @Override
        public String name() {
            return "acl:acl";
        }
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
