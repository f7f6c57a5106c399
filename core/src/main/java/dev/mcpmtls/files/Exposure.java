// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file or directory that a user other than its reader and root could have written or replaced.
 *
 * @param path the exposed file, link or directory
 * @param why for example {@code other users can write it (mode 0666)}
 * @param remedy the command that fixes it
 * @param isTolerable whether a warning is enough, because it is on a read-only mount
 */
public record Exposure(Path path, String why, String remedy, boolean isTolerable) {

    private static final int MOST_LINKS = 40;
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    /**
     * Examines a file that trust depends on, and the links that lead to it. A missing file is not exposed; nor is a file on a
     * system without owners.
     */
    public static Optional<Exposure> ofFile(Path file) {
        Path last = file.toAbsolutePath();
        Optional<Exposure> found = Optional.empty();
        for (int links = 0; found.isEmpty() && links < MOST_LINKS; links++) {
            Optional<FileStatus> status = status(last);
            if (status.isEmpty()) {
                return Optional.empty();
            }
            found = of(last, status.get());
            if (!status.get().isLink()) {
                return found;
            }
            last = target(last);
        }
        return found;
    }

    /** Looks at a directory whose contents are believed, and at the links that lead to it: no other user may add to it, sticky or not. */
    public static Optional<Exposure> ofDirectory(Path directory) {
        return ofFile(directory);
    }

    /**
     * Looks at the directory of a file, and at those where links lead from it: others must not be able to replace it. The sticky bit keeps
     * them from that.
     */
    public static Optional<Exposure> ofDirectoryOf(Path file) {
        Path last = file.toAbsolutePath();
        Optional<Exposure> found = Optional.empty();
        for (int links = 0; found.isEmpty() && links < MOST_LINKS; links++) {
            found = ofParent(last);
            if (!Files.isSymbolicLink(last)) {
                return found;
            }
            last = target(last);
        }
        return found;
    }

    private static Optional<Exposure> ofParent(Path file) {
        Path directory = file.getParent();
        if (directory == null) {
            return Optional.empty();
        }
        Path real = real(directory);
        return status(real)
                .filter(status -> !status.isSticky() || !status.isCallersOrRoots())
                .flatMap(status -> of(real, status));
    }

    private static Optional<Exposure> of(Path path, FileStatus status) {
        if (!status.isCallersOrRoots()) {
            String why = "it belongs to the user " + status.owner();
            return Optional.of(new Exposure(
                    path,
                    why,
                    "run this as " + status.owner() + ", or use one that belongs to you or root",
                    isReadOnly(path)));
        }
        if (!status.isLink() && status.isWritableByOthers()) {
            String why = "other users can write it (mode " + status.permissions() + ")";
            String remedy = status.isDevice() ? "name a regular file" : "run 'chmod go-w " + path + "'";
            return Optional.of(new Exposure(path, why, remedy, isReadOnly(path)));
        }
        return Optional.empty();
    }

    private static Optional<FileStatus> status(Path path) {
        try {
            return FileStatus.of(path);
        } catch (IOException e) {
            return Optional.empty(); // its reader reports that
        }
    }

    private static Path target(Path link) {
        try {
            return link.resolveSibling(Files.readSymbolicLink(link));
        } catch (IOException e) {
            return link;
        }
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            return directory;
        }
    }

    private static boolean isReadOnly(Path path) {
        try {
            return Files.isReadable(MOUNTS)
                    ? isMountedReadOnly(path.toRealPath())
                    : Files.getFileStore(path).isReadOnly();
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Java's own answer overlooks a part of a file system that is mounted again, read-only. */
    private static boolean isMountedReadOnly(Path real) throws IOException {
        String innermost = "";
        String options = "";
        for (String line : Files.readAllLines(MOUNTS, StandardCharsets.ISO_8859_1)) {
            String[] fields = line.split(" ", -1);
            String point = fields[4].replace("\\040", " ");
            if (point.length() >= innermost.length() && real.startsWith(point)) {
                innermost = point;
                options = fields[5];
            }
        }
        return List.of(options.split(",")).contains("ro");
    }

    /** One sentence and its remedy, for example for a log. */
    @Override
    public String toString() {
        return path + ": " + why + "; " + remedy;
    }
}
