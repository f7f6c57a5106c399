// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a rename or a new file needs to survive a loss of power. */
final class Directories {

    private Directories() {}

    /** Syncs the directory that holds the file; where directories cannot be opened (Windows), the rename is journalled. */
    static void sync(Path file) {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException notSupportedHere) {
            return;
        }
    }
}
