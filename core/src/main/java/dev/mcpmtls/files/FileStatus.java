// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The status of a name on a Unix system; links are not followed.
 *
 * @param mode type and permissions, as {@code stat} has them
 * @param identity the same for all names of one file
 */
record FileStatus(int uid, int gid, int mode, String owner, String group, Object identity) {

    private static final int TYPE = 0170000;
    private static final int STICKY = 01000;
    private static final int GROUP_WRITE = 020;
    private static final int OTHERS_WRITE = 02;
    private static final int ROOT = 0;
    private static final Path SELF = Path.of("/proc/self/status");
    private static final Path GROUPS = Path.of("/etc/group");

    /** The effective user of this process; fixed, because Java cannot change it. */
    private static final class Caller {
        static final int UID = uid();

        private static int uid() {
            try {
                return Files.isReadable(SELF) ? uidOfProcess() : uidOfNewFile();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException("cannot find out which user this is", e);
            }
        }

        /** The user in the status file. The owner of /proc/self itself is root when Java has capabilities. */
        private static int uidOfProcess() throws IOException {
            try (Stream<String> lines = Files.lines(SELF, StandardCharsets.ISO_8859_1)) {
                return lines.filter(line -> line.startsWith("Uid:"))
                        .map(line -> Integer.parseUnsignedInt(line.split("\\s+", -1)[2]))
                        .findFirst()
                        .orElseThrow(() -> new IOException(SELF + " names no user"));
            }
        }

        private static int uidOfNewFile() throws IOException {
            Path probe = Files.createTempFile("mcp-mtls", null);
            try {
                return (int) Files.getAttribute(probe, "unix:uid");
            } finally {
                Files.delete(probe);
            }
        }
    }

    /** The status of a name; empty if the file system has no owners and modes. */
    static Optional<FileStatus> of(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        if (!absolute.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Optional.empty();
        }
        Map<String, Object> found =
                Files.readAttributes(absolute, "unix:uid,gid,mode,owner,group,fileKey", LinkOption.NOFOLLOW_LINKS);
        return Optional.of(new FileStatus(
                (int) value(found, "uid"),
                (int) value(found, "gid"),
                (int) value(found, "mode"),
                value(found, "owner").toString(),
                value(found, "group").toString(),
                value(found, "fileKey")));
    }

    private static Object value(Map<String, Object> found, String name) {
        return Objects.requireNonNull(found.get(name), name);
    }

    boolean isSameAs(FileStatus other) {
        return identity.equals(other.identity);
    }

    boolean isCallers() {
        return uid == Caller.UID;
    }

    /** Whether only the caller and root, who can do anything, own it. */
    boolean isCallersOrRoots() {
        return isCallers() || uid == ROOT;
    }

    boolean isLink() {
        return (mode & TYPE) == 0120000;
    }

    boolean isRegular() {
        return (mode & TYPE) == 0100000;
    }

    boolean isDevice() {
        return !isRegular() && !isLink() && (mode & TYPE) != 0040000;
    }

    boolean isSticky() {
        return (mode & STICKY) != 0;
    }

    /**
     * Whether a user other than its owner may write it. A group with only the owner in it, as many systems give to each user,
     * does not count.
     */
    boolean isWritableByOthers() {
        return (mode & OTHERS_WRITE) != 0 || ((mode & GROUP_WRITE) != 0 && !isPrivateGroup());
    }

    private boolean isPrivateGroup() {
        if (uid == ROOT || gid == ROOT || !owner.equals(group)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(GROUPS, StandardCharsets.ISO_8859_1)) {
            return lines.anyMatch(line -> line.matches("[^:]*:[^:]*:" + gid + ":"));
        } catch (IOException | java.io.UncheckedIOException e) {
            return false;
        }
    }

    /** The permissions as {@code chmod} takes them. */
    String permissions() {
        return "0%03o".formatted(mode & 07777);
    }

    /** The kind of file. */
    String kind() {
        return switch (mode & TYPE) {
            case 0020000 -> "a character device";
            case 0060000 -> "a block device";
            case 0010000 -> "a named pipe";
            case 0140000 -> "a socket";
            case 0040000 -> "a directory";
            case 0120000 -> "a symbolic link";
            default -> "no regular file";
        };
    }
}
