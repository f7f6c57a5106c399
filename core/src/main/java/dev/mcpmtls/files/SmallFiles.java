// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
