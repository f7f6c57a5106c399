// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/** Reads whole files that are small by nature: any name may lead to a device that never ends. */
public final class SmallFiles {

    private SmallFiles() {}

    /**
     * Reads a file, or a pipe to its end.
     *
     * @throws FileSystemException when it holds more than {@code maxBytes} bytes
     */
    public static byte[] read(Path file, int maxBytes) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] contents = in.readNBytes(maxBytes + 1);
            if (contents.length > maxBytes) {
                Arrays.fill(contents, (byte) 0);
                throw new FileSystemException(
                        file.toString(), null, "it is larger than " + maxBytes + " bytes, so it is something else");
            }
            return contents;
        }
    }

    /**
     * As {@link #read}, of a regular file or a link to one.
     *
     * @throws FileSystemException also when it is anything else
     */
    public static byte[] readRegular(Path file, int maxBytes) throws IOException {
        requireRegular(file);
        return read(file, maxBytes);
    }

    /**
     * Refuses anything but a regular file or a link to one, without opening it: a pipe that is opened waits for its writer.
     *
     * @throws FileSystemException with the kind of file; another {@link IOException} when there is none
     */
    public static void requireRegular(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            String kind = FileStatus.of(file.toRealPath()).map(FileStatus::kind).orElse("of another kind");
            throw new FileSystemException(file.toString(), null, "it is " + kind + ", not a regular file");
        }
    }
}
