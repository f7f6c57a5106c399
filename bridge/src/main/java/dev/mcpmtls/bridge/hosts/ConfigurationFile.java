// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import dev.mcpmtls.files.OwnedFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One configuration file: read whole and within bounds, replaced in one step, with dated backups beside it. A symbolic link
 * is followed to the file it leads to, which is what changes; the link stays.
 */
final class ConfigurationFile {

    static final int MAX_BYTES = 16 * 1_024 * 1_024;

    private static final int MAX_BACKUPS = 5;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final Path path;
    private final Path real;
    private final byte[] bytes;
    private final boolean exists;

    private ConfigurationFile(Path path, Path real, byte[] bytes, boolean exists) {
        this.path = path;
        this.real = real;
        this.bytes = bytes;
        this.exists = exists;
    }

    /**
     * Reads a file, which need not exist.
     *
     * @param home the home directory; the file must belong to its owner
     * @param within a directory that the file must not leave through links
     */
    static ConfigurationFile load(Path path, Path home, Optional<Path> within) {
        try {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                checkWithin(path, existingParent(path).toRealPath(), within);
                return new ConfigurationFile(path, path, new byte[0], false);
            }
            Path real = path.toRealPath();
            checkWithin(path, real, within);
            checkOurs(real, home);
            return new ConfigurationFile(path, real, read(real), true);
        } catch (NoSuchFileException e) {
            throw failed(
                    "read",
                    path,
                    "it is a link to a file that does not exist\ncreate that file, or remove the link",
                    e);
        } catch (IOException e) {
            throw failed("read", path, cause(e), e);
        }
    }

    boolean exists() {
        return exists;
    }

    boolean isLink() {
        return !real.equals(path) && Files.isSymbolicLink(path);
    }

    /** Without byte order mark. */
    String text() {
        return text(path, bytes);
    }

    /** The file's bytes for a text: with the byte order mark that it has. */
    byte[] encode(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        if (!hasByteOrderMark(bytes)) {
            return encoded;
        }
        byte[] marked = Arrays.copyOf(BYTE_ORDER_MARK, BYTE_ORDER_MARK.length + encoded.length);
        System.arraycopy(encoded, 0, marked, BYTE_ORDER_MARK.length, encoded.length);
        return marked;
    }

    /** Earlier states, the newest first; one that cannot be read is left out. */
    List<byte[]> backups() {
        List<byte[]> contents = new ArrayList<>();
        try {
            for (Path backup : backupFiles()) {
                if (Files.isRegularFile(backup, LinkOption.NOFOLLOW_LINKS)) {
                    contents.add(read(backup));
                }
            }
        } catch (IOException e) {
            return contents;
        }
        return contents;
    }

    /** Checks that {@link #replace} can be expected to succeed. */
    void requireWritable() {
        try {
            requireUnchanged();
            OwnedFiles.requireWritable(directory());
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    /**
     * Replaces the content, or removes the file, in one step.
     *
     * @param after nothing to remove the file
     * @return the backup, where there was a file
     */
    Optional<Path> replace(Optional<byte[]> after, Instant now) {
        try {
            requireUnchanged();
            createDirectories(directory());
            Optional<Path> backup = exists ? Optional.of(backUp(now)) : Optional.empty();
            if (after.isEmpty()) {
                Files.delete(real);
            } else {
                write(after.get());
            }
            sync(directory());
            return backup;
        } catch (IOException e) {
            throw notWritten(e);
        }
    }

    private void write(byte[] content) throws IOException {
        Path fresh = Files.createTempFile(directory(), "." + real.getFileName() + ".", ".new", mode(real, "rw-------"));
        try {
            fill(fresh, content);
            if (exists && isPosix(real)) {
                Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(real));
            } else if (exists) {
                copyAccessList(fresh);
            }
            requireUnchanged();
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private void requireUnchanged() throws IOException {
        boolean same = exists
                ? Files.isRegularFile(real) && Arrays.equals(read(real), bytes)
                : !Files.exists(real, LinkOption.NOFOLLOW_LINKS);
        if (!same) {
            throw failed("write", path, "it has changed meanwhile\nrun the command again", null);
        }
    }

    private Path backUp(Instant now) throws IOException {
        for (Instant at = now; ; at = at.plus(1, ChronoUnit.MILLIS)) {
            Path backup = real.resolveSibling(real.getFileName() + ".mcp-mtls-" + STAMP.format(at) + ".bak");
            try {
                create(backup, bytes);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
            List<Path> all = backupFiles();
            for (Path old : all.subList(Math.min(MAX_BACKUPS, all.size()), all.size())) {
                Files.deleteIfExists(old);
            }
            return backup;
        }
    }

    private List<Path> backupFiles() throws IOException {
        String prefix = real.getFileName() + ".mcp-mtls-";
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(directory())) {
            return found;
        }
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(
                directory(),
                file -> file.getFileName().toString().startsWith(prefix)
                        && file.toString().endsWith(".bak"))) {
            siblings.forEach(found::add);
        }
        found.sort(Comparator.reverseOrder());
        return found;
    }

    private Path directory() {
        Path parent = real.toAbsolutePath().getParent();
        return parent == null ? real : parent;
    }

    private void copyAccessList(Path fresh) throws IOException {
        AclFileAttributeView from = Files.getFileAttributeView(real, AclFileAttributeView.class);
        AclFileAttributeView to = Files.getFileAttributeView(fresh, AclFileAttributeView.class);
        if (from != null && to != null) {
            to.setAcl(from.getAcl());
        }
    }

    private static byte[] read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, "it is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new FileSystemException(file.toString(), null, "it is larger than " + (MAX_BYTES >> 20) + " MiB");
            }
            return content;
        }
    }

    /** A file that only its owner can read, or with what its directory passes on where there are no modes. */
    private static void create(Path file, byte[] content) throws IOException {
        Files.createFile(file, mode(file, "rw-------"));
        fill(file, content);
    }

    private static void fill(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static void createDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            createDirectories(parent);
        }
        try {
            Files.createDirectory(directory, mode(directory, "rwx------"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw new FileSystemException(
                        directory.toString(), null, Shown.message(directory + " exists, and is not a directory"));
            }
        }
    }

    private static FileAttribute<?>[] mode(Path path, String mode) {
        return isPosix(path)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    private static void sync(Path directory) throws IOException {
        if (isPosix(directory)) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Elsewhere than on POSIX systems an administrator's files belong to a group, so that owners say nothing. */
    private static void checkOurs(Path real, Path home) throws IOException {
        if (!Files.isRegularFile(real)) {
            throw new FileSystemException(real.toString(), null, "it is not a regular file");
        }
        if (isPosix(real) && !Files.getOwner(real).equals(Files.getOwner(home))) {
            throw new FileSystemException(real.toString(), null, "it belongs to another user");
        }
    }

    private static void checkWithin(Path path, Path real, Optional<Path> within) throws IOException {
        if (within.isPresent() && !real.startsWith(within.get().toRealPath())) {
            throw new FileSystemException(path.toString(), null, "a link leads out of the project");
        }
    }

    private static Path existingParent(Path path) {
        Path parent = path.toAbsolutePath();
        while (!Files.exists(parent, LinkOption.NOFOLLOW_LINKS) && parent.getParent() != null) {
            parent = parent.getParent();
        }
        return parent;
    }

    static String text(Path path, byte[] bytes) {
        int start = hasByteOrderMark(bytes) ? BYTE_ORDER_MARK.length : 0;
        ByteBuffer in = ByteBuffer.wrap(bytes, start, bytes.length - start);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(in).toString();
        } catch (CharacterCodingException e) {
            String good = new String(bytes, start, in.position() - start, StandardCharsets.UTF_8);
            MalformedText at = MalformedText.at(good, good.length(), "it is not UTF-8");
            throw new HostConfigurationException("cannot read " + shown(path) + ":" + at.getMessage(), e);
        }
    }

    private static boolean hasByteOrderMark(byte[] bytes) {
        return bytes.length >= 3 && Arrays.equals(bytes, 0, 3, BYTE_ORDER_MARK, 0, 3);
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    static String shown(Path path) {
        return Shown.message(path.toString());
    }

    private static String cause(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : Shown.message(String.valueOf(e.getMessage()));
    }

    private HostConfigurationException notWritten(IOException e) {
        return failed("write", path, cause(e) + "\ncorrect that, or make the change by hand", e);
    }

    private static HostConfigurationException failed(String verb, Path path, String cause, @Nullable Throwable e) {
        String message = "cannot " + verb + " " + shown(path) + ": " + cause;
        return e == null ? new HostConfigurationException(message) : new HostConfigurationException(message, e);
    }
}
