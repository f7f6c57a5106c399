// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.pins;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** A file's identity, size and time: it differs when the file was replaced or written to. */
record FileStamp(@Nullable Object key, long size, @Nullable FileTime modified) {

    static FileStamp of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        } catch (IOException missing) {
            return new FileStamp(null, -1, null);
        }
    }
}
