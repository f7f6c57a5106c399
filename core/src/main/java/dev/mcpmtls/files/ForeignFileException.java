// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** There is something that this process must not change: it is no regular file, or it belongs to another user. Nothing was changed. */
public final class ForeignFileException extends FileSystemException {

    private static final long serialVersionUID = 1L;

    ForeignFileException(Path file, String why) {
        super(file.toString(), null, why);
    }
}
