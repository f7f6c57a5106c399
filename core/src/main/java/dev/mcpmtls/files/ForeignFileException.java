// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * A file must not be changed by this process, because it is not a regular file or belongs to another user. Nothing was changed.
 */
public final class ForeignFileException extends FileSystemException {

    private static final long serialVersionUID = 1L;

    ForeignFileException(Path file, String why) {
        super(file.toString(), null, why);
    }
}
