// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/** Files that are on the disk, whole, when the call returns. */
final class Durable {

    private Durable() {}

    /** Makes a file that did not exist. */
    static void create(Path file, byte[] content, FileAttribute<?>... attributes) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, attributes)) {
            writeAll(channel, content);
            channel.force(true);
        }
    }

    /** Puts a file in the place of another; whoever reads meanwhile sees all of the one or all of the other. */
    static void replace(Path file, byte[] content, FileAttribute<?>... attributes) throws IOException {
        Path fresh = sibling(file);
        Files.deleteIfExists(fresh);
        create(fresh, content, attributes);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(directoryOf(file));
    }

    /** Points a symbolic link somewhere else, in one step. */
    static void link(Path link, Path target) throws IOException {
        Path fresh = sibling(link);
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, target);
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(directoryOf(link));
    }

    /** Makes the names in a directory durable; Windows, which cannot open directories, does so by itself. */
    static void syncDirectory(Path directory) throws IOException {
        if (OwnerOnly.isPosix(directory)) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    static void writeAll(FileChannel channel, byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static Path sibling(Path file) {
        return file.resolveSibling("." + file.getFileName() + ".new");
    }

    private static Path directoryOf(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file : parent;
    }
}
