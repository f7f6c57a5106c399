// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.OwnedFiles.Readers;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory that is replaced as a whole. Its name is a symbolic link to a numbered version below {@code .versions}. A new
 * version is complete and on the disk before one rename moves the link. A process that is killed before leaves the old version
 * in force. For one writer at a time.
 */
final class SwappedDirectory {

    /** A file of a version. */
    static final class Content {
        private final byte[] bytes;
        private final boolean isSecret;

        private Content(byte[] bytes, boolean isSecret) {
            this.bytes = bytes;
            this.isSecret = isSecret;
        }

        /** Readable by all users who can enter the directory. */
        static Content open(byte[] bytes) {
            return new Content(bytes, false);
        }

        /** Readable by the owner only; wiped once written. */
        static Content secret(byte[] bytes) {
            return new Content(bytes, true);
        }
    }

    static final int MAX_FILE_BYTES = 1 << 20;

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private final Path link;
    private final Path target;
    private final Path versions;

    SwappedDirectory(Path link) {
        this.link = link;
        this.target = Path.of(".versions", link.getFileName().toString());
        this.versions = link.resolveSibling(target);
    }

    /** Whether this name exists, ours or not. */
    boolean exists() {
        return Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether the directory was made here, and so can be replaced. */
    boolean isOurs() {
        try {
            return Files.isSymbolicLink(link) && Files.readSymbolicLink(link).startsWith(target);
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(link, "cannot be read", e);
        }
    }

    /** Refuses a directory that was not made here. */
    void requireOurs() {
        if (exists() && !isOurs()) {
            throw new AuthorityException.StoreFailed(
                    link, "was not created here and stays as it is", "move it away, or choose another name");
        }
    }

    /** Refuses a directory that {@link #replace} could not replace, for a caller that does something else first. Creates nothing. */
    void requireWritable() {
        requireOurs();
        try {
            OwnedFiles.requireWritable(versions);
            OwnedFiles.requireWritable(OwnedFiles.directoryOf(link));
        } catch (IOException e) {
            throw AuthorityException.StoreFailed.notWritten(link, e);
        }
    }

    /** Whether any version is left, even without its name. */
    boolean hasVersions() {
        return Files.isDirectory(versions);
    }

    /** The plain path, through the link. */
    Path path() {
        return link;
    }

    /**
     * Reads files of a single version.
     *
     * @param names relative, with slashes
     * @return the existing ones of these files
     */
    Map<String, byte[]> read(List<String> names) {
        Map<String, byte[]> found = new HashMap<>();
        Path reading = link;
        try {
            Path version = link.toRealPath();
            for (String name : names) {
                reading = version.resolve(name);
                if (Files.exists(reading)) {
                    found.put(name, SmallFiles.readRegular(reading, MAX_FILE_BYTES));
                }
            }
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(reading, "cannot be read", e);
        }
        return found;
    }

    /** Replaces everything by these files; names are relative, with slashes. The previous version stays for its readers. */
    void replace(Map<String, Content> files) {
        try {
            requireOurs();
            OwnedFiles.createDirectories(versions);
            List<Integer> before = numbers();
            int next = before.isEmpty() ? 1 : before.get(before.size() - 1) + 1;
            write(versions.resolve(String.valueOf(next)), files);
            List<Integer> keep = List.of(next, current());
            OwnedFiles.link(link, target.resolve(String.valueOf(next)));
            forgetAllBut(keep);
        } catch (UnsupportedOperationException e) {
            throw new AuthorityException.StoreFailed(
                    link,
                    "cannot be a symbolic link on this file system",
                    "choose another place with " + Remedy.of(Setting.STORE),
                    e);
        } catch (IOException e) {
            throw AuthorityException.StoreFailed.notWritten(link, e);
        } finally {
            wipe(files);
        }
    }

    /** Removes it: first its name, then all versions. */
    void delete() {
        try {
            Files.deleteIfExists(link);
            OwnedFiles.syncDirectory(OwnedFiles.directoryOf(link));
            delete(versions);
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(link, "cannot be removed", e);
        }
    }

    /** Removes the versions that are no longer in force, with the keys in them. */
    void forgetPrevious() {
        try {
            forgetAllBut(List.of(current()));
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(versions, "cannot be cleaned up", e);
        }
    }

    private void write(Path version, Map<String, Content> files) throws IOException {
        OwnedFiles.createDirectories(version);
        for (Map.Entry<String, Content> entry : files.entrySet()) {
            Path file = version.resolve(entry.getKey());
            Path directory = version.relativize(file).getNameCount() == 1 ? version : file.resolveSibling("");
            OwnedFiles.createDirectories(directory);
            Content content = entry.getValue();
            OwnedFiles.create(file, content.bytes, content.isSecret ? Readers.NONE : Readers.ALL);
            OwnedFiles.syncDirectory(directory);
        }
        OwnedFiles.syncDirectory(version);
        OwnedFiles.syncDirectory(versions);
    }

    /** The number that the link points to; 0 when there is none. */
    private int current() throws IOException {
        return isOurs() ? number(Files.readSymbolicLink(link)) : 0;
    }

    private List<Integer> numbers() throws IOException {
        try (Stream<Path> present = Files.list(versions)) {
            return present.filter(version ->
                            NUMBER.matcher(version.getFileName().toString()).matches())
                    .map(SwappedDirectory::number)
                    .sorted()
                    .toList();
        }
    }

    private void forgetAllBut(List<Integer> keep) throws IOException {
        for (int number : numbers()) {
            if (!keep.contains(number)) {
                delete(versions.resolve(String.valueOf(number)));
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            // Another process removed it already.
        }
    }

    private static int number(Path version) {
        return Integer.parseInt(version.getFileName().toString());
    }

    private static void wipe(Map<String, Content> files) {
        for (Content content : files.values()) {
            if (content.isSecret) {
                Arrays.fill(content.bytes, (byte) 0);
            }
        }
    }
}
